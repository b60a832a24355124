// malloc and its relatives; operator new and delete end here too.
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "sim/runtime/atomicity.h"
#include "sim/runtime/delivery.h"
#include "sim/runtime/heap.h"
#include "sim/runtime/heap_marks.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

extern "C" {
void* __libc_malloc(size_t);
void __libc_free(void*);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace csim {
bool RunsUnderCsim();
}

using namespace csim;

namespace {

// Requests that no restart may undo: by ld.so, by ourselves, and before we know how we run.
bool IsSystemRequest(void* caller) {
  if (g_runtime.internal > 0 || environ == nullptr) return true;
  const Images& images = g_runtime.images;
  if (images.count() == 0) return false;
  const auto address = reinterpret_cast<uintptr_t>(caller);
  if (images[0].whole.Contains(address)) return false;
  const int image = images.Find(address);
  return image >= 0 && images[image].interpreter;
}

Heap::Origin Here() {
  if (!g_runtime.Active()) return {0, kNoSite, kNoStack};
  return {static_cast<uint16_t>(g_runtime.current()), g_runtime.CallSite(),
          g_runtime.CurrentStack()};
}

// Marks count for this execution only: their payload is its number.
void MarkRange(uintptr_t begin, uintptr_t end, CellMark mark) {
  for (uintptr_t a = begin; a < end; a += 8) {
    MarkPoisoned(g_runtime.shadow.CellOf(a), mark, g_runtime.CallSite(), g_runtime.CurrentStack(),
                 g_runtime.execution().number);
  }
}

constexpr uintptr_t kMostMarked = 4096;  // of the guard space behind a block

// Guard marks around a block, none on its own bytes. A last granule that the block does not fill is
// guarded by Heap::CrossesEnd.
void MarkFresh(Block* block) {
  if (!g_runtime.Active()) return;
  const auto begin = reinterpret_cast<uintptr_t>(block->data());
  const uintptr_t end = begin + ((block->size + 7) & ~uintptr_t{7});
  MarkRange(begin - sizeof(Block), begin, CellMark::kRedzone);
  // What earlier executions left there counts as empty anyway.
  for (uintptr_t a = begin; block->reused != 0 && a < end; a += 8) {
    ForgetCell(g_runtime.shadow.CellOf(a));
  }
  MarkRange(end, std::min(g_runtime.heap.EndOf(block), end + kMostMarked), CellMark::kRedzone);
}

}  // namespace

namespace csim {

void MarkBlocks(uintptr_t begin, uintptr_t end) {
  if (!g_runtime.heap.Contains(reinterpret_cast<void*>(begin))) return;
  const auto mark = [&](uintptr_t from, uintptr_t to, CellMark kind) {
    MarkRange(std::max(from, begin), std::min(to, end), kind);
  };
  g_runtime.heap.ForEachIn(begin, end, [&](Block* block) {
    const auto data = reinterpret_cast<uintptr_t>(block->data());
    const uintptr_t behind = data + ((block->size + 7) & ~uintptr_t{7});
    mark(data - sizeof(Block), data, CellMark::kRedzone);
    if (block->state != BlockState::kLive) mark(data, behind, CellMark::kFreed);
    mark(behind, std::min(g_runtime.heap.EndOf(block), behind + kMostMarked), CellMark::kRedzone);
  });
}

}  // namespace csim

namespace {

void* Allocate(size_t size, size_t alignment, void* caller) {
  Heap& heap = g_runtime.heap;
  if (!heap.mapped() && !heap.Map()) return nullptr;
  if (IsSystemRequest(caller)) return heap.AllocateSystem(size, alignment);
  if (!RunsUnderCsim()) {
    return alignment <= 16 ? __libc_malloc(size) : __libc_memalign(alignment, size);
  }
  if (g_runtime.Active()) {
    g_runtime.spins.OnEffect();
    CheckAsyncSafe("malloc");
  }
  void* p = heap.Allocate(size, alignment, Here());
  if (p == nullptr) {
    if (g_runtime.Active() && size <= g_runtime.config().memory_limit) {
      ReportLimit(Outcome::kMemoryLimit, "memory limit");
    }
    errno = ENOMEM;
    return nullptr;
  }
  MarkFresh(heap.BlockAt(p));
  return p;
}

// Freeing is a write to all of the block: it races with accesses that nothing orders before it.
void CheckFreeRaces(Block* block) {
  const auto begin = reinterpret_cast<uintptr_t>(block->data());
  for (uintptr_t a = begin; a < begin + block->size; a += 8) {
    g_runtime.detector().OnAccess(g_runtime.shadow.CellOf(a),
                                  {GranuleOf(a), 0xff, AccessKind::kPlainWrite, g_runtime.current(),
                                   g_runtime.CallSite(), g_runtime.StackWithLocks()});
  }
}

void FreeBlock(Block* block) {
  if (g_runtime.Active()) {
    CheckAsyncSafe("free");
    g_runtime.spins.OnEffect();
    const auto begin = reinterpret_cast<uintptr_t>(block->data());
    const ObjectId busy = g_runtime.objects().ForgetRange(begin, begin + block->size);
    ForgetAtomicity(begin, begin + block->size);
    if (busy != kNoObject)
      ReportMisuseText("memory freed while a lock in it is held or waited on", 2);
    CheckFreeRaces(block);
    MarkRange(begin, begin + ((block->size + 7) & ~uintptr_t{7}), CellMark::kFreed);
  }
  g_runtime.heap.Free(block, Here());
}

void Free(void* p) {
  if (p == nullptr) return;
  Heap& heap = g_runtime.heap;
  if (heap.IsSystem(p)) return;
  if (!heap.mapped() || !heap.Contains(p)) {
    if (!RunsUnderCsim()) return __libc_free(p);
    if (g_runtime.Active()) {
      ReportMemory("free of memory that is not on the heap", reinterpret_cast<uintptr_t>(p), 0,
                   true, kNoSite);
    }
    return;
  }
  Block* block = heap.BlockAt(p);
  const auto address = reinterpret_cast<uintptr_t>(p);
  if (block == nullptr) {
    ReportMemory("free of an address inside a block", address, 0, true, kNoSite);
  } else if (block->magic != Block::kMagic) {
    ReportMemory("heap corrupted in front of a block", address, 0, true, kNoSite);
  } else if (block->state != BlockState::kLive) {
    ReportMemory("double free", address, 0, true, kNoSite);
  } else {
    FreeBlock(block);
  }
}

size_t UsableSize(void* p) {
  Heap& heap = g_runtime.heap;
  if (p == nullptr) return 0;
  if (heap.IsSystem(p)) return *(static_cast<size_t*>(p) - 2);
  Block* block = heap.mapped() ? heap.BlockAt(p) : nullptr;
  return block == nullptr ? 0 : block->size;
}

void* Zeroed(void* p, size_t size) {
  if (p != nullptr) memset(p, 0, size);
  return p;
}

}  // namespace

CSIM_INTERPOSE void* malloc(size_t size) { return Allocate(size, 16, __builtin_return_address(0)); }

CSIM_INTERPOSE void free(void* p) { Free(p); }

CSIM_INTERPOSE void* calloc(size_t count, size_t size) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return Zeroed(Allocate(bytes, 16, __builtin_return_address(0)), bytes);
}

CSIM_INTERPOSE void* realloc(void* p, size_t size) {
  Heap& heap = g_runtime.heap;
  if (p != nullptr && !RunsUnderCsim() && !heap.IsSystem(p)) return __libc_realloc(p, size);
  void* fresh = Allocate(size, 16, __builtin_return_address(0));
  if (p == nullptr || fresh == nullptr) return fresh;
  const size_t old = UsableSize(p);
  memcpy(fresh, p, old < size ? old : size);
  Free(p);
  return fresh;
}

CSIM_INTERPOSE void* aligned_alloc(size_t alignment, size_t size) {
  return Allocate(size, alignment, __builtin_return_address(0));
}

CSIM_INTERPOSE void* memalign(size_t alignment, size_t size) {
  return Allocate(size, alignment, __builtin_return_address(0));
}

CSIM_INTERPOSE int posix_memalign(void** p, size_t alignment, size_t size) {
  if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* fresh = Allocate(size, alignment, __builtin_return_address(0));
  if (fresh == nullptr) return ENOMEM;
  *p = fresh;
  return 0;
}

CSIM_INTERPOSE void* valloc(size_t size) {
  return Allocate(size, 4096, __builtin_return_address(0));
}

CSIM_INTERPOSE void* pvalloc(size_t size) {
  return Allocate((size + 4095) & ~size_t{4095}, 4096, __builtin_return_address(0));
}

CSIM_INTERPOSE size_t malloc_usable_size(void* p) { return UsableSize(p); }
