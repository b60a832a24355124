#include "sim/runtime/reuse.h"

#include <link.h>
#include <signal.h>

#include "model/check.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/memory_image.h"
#include "sim/runtime/program.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"
#include "sim/runtime/signals.h"

namespace csim {

namespace {

// With 1 MiB of heap a copy is three times as fast as a fork (whole executions), with 2 MiB it takes longer.
constexpr size_t kLargestImage = 3 << 19;

uint64_t LibraryChanges() {
  const InternalScope internal;
  uint64_t loaded = 0;
  const auto first = [](dl_phdr_info* info, size_t, void* result) {
    *static_cast<uint64_t*>(result) = info->dlpi_adds + info->dlpi_subs;
    return 1;
  };
  dl_iterate_phdr(first, &loaded);
  return loaded;
}

struct Header {
  TaskId child;
  ProcessId process;
  uint32_t slot;
  uint32_t racy_generation;
};

}  // namespace

// The runtime's own variables, without what each process keeps for itself.
class RuntimeData {
 public:
  static void Write(ImageWriter& image) {
    const Range holes[] = {
        RangeOf(g_runtime.shared_memory.mapped_),  // most of it is not used
        RangeOf(g_runtime.kernel_state),
        RangeOf(g_runtime.snapshot),
        RangeOf(g_runtime.racy),
    };
    for (int i = 0; i < g_runtime.images.count(); ++i) {
      const Image& runtime = g_runtime.images[i];
      if (!runtime.ours) continue;
      for (int w = 0; w < runtime.writable_count; ++w) {
        uintptr_t from = runtime.writable[w].begin;
        for (const Range& hole : holes) {
          if (!runtime.writable[w].Contains(hole.begin)) continue;
          Put(image, from, hole.begin);
          from = hole.end;
        }
        Put(image, from, runtime.writable[w].end);
      }
    }
  }

 private:
  template <typename Variable>
  static Range RangeOf(const Variable& variable) {
    const auto begin = reinterpret_cast<uintptr_t>(&variable);
    return {begin, begin + sizeof variable};
  }
  static void Put(ImageWriter& image, uintptr_t begin, uintptr_t end) {
    CSIM_CHECK(begin <= end);  // holes in order
    image.PutMemory(reinterpret_cast<const void*>(begin), end - begin);
  }
};

Likeness OwnLikeness() { return {MappingsMade(), g_runtime.pool.size()}; }

bool HasOtherLibraries() { return LibraryChanges() != g_runtime.images.library_changes(); }

bool IsPlain() {
  const Config& config = g_runtime.config();
  // (Who has executed a program, be it the same one, has no snapshot.)
  return config.restart_mode == RestartMode::kInPlace && !config.every_round &&
         g_runtime.program == 0 && g_runtime.snapshot.taken() &&
         g_runtime.kernel_state.restorable() && !g_runtime.execution().fresh_wanted &&
         !HasOtherLibraries();
}

bool CanBeCopied() {
  const uint32_t slot = g_runtime.body(g_runtime.current()).slot;
  return IsPlain() && g_runtime.kernel_state.plain() && g_runtime.pool.CanBeCopied(slot) &&
         g_runtime.shared_memory.CanBeCopied() && HasOnlySimulatedDescriptors();
}

bool WriteImage(RealProcess& real, TaskId child, ProcessId process) {
  const uint32_t slot = g_runtime.body(g_runtime.current()).slot;
  for (;;) {
    ImageWriter image(real.image, real.image_capacity);
    image.Put(Header{child, process, slot, g_runtime.racy.generation()});
    g_runtime.shared_memory.Write(image);
    g_runtime.snapshot.Write(image);
    RuntimeData::Write(image);
    WriteExitHandlers(image);
    g_runtime.heap.Write(image);
    g_runtime.pool.Write(slot, image);
    image.EndMemory();
    if (image.fits()) return true;
    if (image.used() > kLargestImage) return false;
    std::pmr::memory_resource& memory = *g_runtime.shared->memory;
    if (real.image != nullptr) memory.deallocate(real.image, real.image_capacity, 64);
    real.image_capacity = image.used() + image.used() / 4;
    real.image = static_cast<char*>(memory.allocate(real.image_capacity, 64));
  }
}

void BecomeCopy(RealProcess& own) {
  const uint32_t real = g_runtime.real;
  const uint64_t watchdog = uint64_t{1} << (kWatchdogSignal - 1);
  RawSyscall(SYS_rt_sigprocmask, SIG_BLOCK, &watchdog, nullptr, sizeof watchdog);
  // Back to what it was before it had ever run the program ...
  RestoreOwnDescriptors();
  g_runtime.kernel_state.Restore();
  g_runtime.shadow.Clear();
  g_runtime.pool.Restore();
  // ... and on to what the other one is.
  ImageReader image(own.image);
  const auto header = image.Take<Header>();
  g_runtime.shared_memory.Become(image);
  g_runtime.snapshot.Become(image);
  image.TakeMemory();
  g_runtime.racy.Become(header.racy_generation);
  g_runtime.shadow.AfterCopy();
  SettleAsCopy(header.child, header.process, real, header.slot);
  MakePlaceholders();
  RawSyscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &watchdog, nullptr, sizeof watchdog);
}

void SettleAsCopy(TaskId child, ProcessId process, uint32_t real, uint32_t slot) {
  g_runtime.worker = false;
  g_runtime.process = process;
  g_runtime.real = real;
  g_runtime.space = Index(process);
  g_runtime.main_kernel.tid = GetTid();
  g_runtime.main_kernel.go.store(0, std::memory_order_relaxed);
  g_running_kernel_thread = &g_runtime.main_kernel;
  g_runtime.pool.AfterFork(slot, child);
  g_runtime.shared_memory.AfterFork();
}

}  // namespace csim
