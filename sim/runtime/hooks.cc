// The functions of sim/abi/csim_abi.h, as instrumented code calls them.
#include <cstring>

#include "sim/abi/csim_abi.h"
#include "sim/runtime/atomicity.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/locations.h"
#include "sim/runtime/real.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

using namespace csim;

__attribute__((visibility("default"))) struct csim_state_v1 csim_state_v1;

namespace {

struct PendingAtomic {  // between csim_atomic_before and csim_atomic_after
  uintptr_t address;
  uint8_t size;
  int what;
  MemoryOrder order;
  MemoryOrder failure_order;
  SiteId site;
  ObjectId object;
  char before[16];
};
PendingAtomic g_atomic;

uint8_t MaskOf(uintptr_t address, size_t size) {
  return static_cast<uint8_t>(((1u << size) - 1) << (address & 7));
}

// Accesses to heap memory that is not there. True if the access is one.
bool CheckHeapMark(ShadowCell& cell, uintptr_t address, size_t size, bool is_write, SiteId site) {
  if (g_runtime.heap.CrossesEnd(address, size) || g_runtime.heap.IsBeyondAll(address))
      [[unlikely]] {
    ReportMemory("heap buffer overflow", address, static_cast<uint32_t>(size), is_write, site);
    return true;
  }
  if (!IsPoisoned(cell)) return false;
  if (PayloadOf(cell) != g_runtime.execution().number) {
    ForgetCell(cell);  // left by an earlier execution
    return false;
  }
  const CellMark mark = MarkOf(cell);
  if (mark == CellMark::kFreed) {
    ReportMemory("use after free", address, static_cast<uint32_t>(size), is_write, site);
    return true;
  }
  if (mark == CellMark::kRedzone) {
    ReportMemory("heap buffer overflow", address, static_cast<uint32_t>(size), is_write, site);
    return true;
  }
  return false;
}

// The part of an access that lies in one granule.
void AccessGranule(uintptr_t address, size_t size, bool is_write, SiteId site) {
  Execution& execution = g_runtime.execution();
  const uintptr_t granule = address & ~uintptr_t{7};
  if (execution.racy_active != 0 &&
      g_runtime.racy.Contains(g_runtime.mapping, LocationOf(granule), execution.racy_active)) {
    Operation operation;
    operation.kind = is_write ? OpKind::kPlainWrite : OpKind::kPlainRead;
    operation.size = static_cast<uint8_t>(size);
    operation.offset = static_cast<uint8_t>(address & 7);
    operation.site = site;
    bool is_new = false;
    operation.object = g_runtime.objects().Find(granule, ObjectKind::kMemory, site, &is_new);
    if (is_new) g_runtime.objects().SetShownAddress(operation.object, address);
    Perform(operation);
    NoteFound(reinterpret_cast<const void*>(address));
    g_runtime.detector().MakeRacy(g_runtime.shadow.CellOf(granule), GranuleOf(granule));
  }
  if (is_write) {
    g_runtime.spins.OnWrite(address);
  } else {
    g_runtime.spins.OnRead(granule);
  }
  ShadowCell& cell = g_runtime.shadow.CellOf(granule);
  if (CheckHeapMark(cell, address, size, is_write, site)) return;
  const StackId stack = g_runtime.StackWithLocks();
  const uint8_t mask = MaskOf(address, size);
  g_runtime.recorder.Memory(GranuleOf(granule), mask, is_write, false, site, stack);
  g_runtime.detector().OnAccess(
      cell, {GranuleOf(granule), mask, is_write ? AccessKind::kPlainWrite : AccessKind::kPlainRead,
             g_runtime.current(), site, stack});
  if (g_runtime.shared->serializability.on()) [[unlikely]]
    NoteAtomicity(GranuleOf(granule), mask, is_write, site, stack);
}

void AccessRange(const void* p, size_t size, bool is_write, const csim_site* site_pointer) {
  if (!g_runtime.Active()) return;
  const SiteId site = g_runtime.shared->contexts->SiteOf(site_pointer);
  auto address = reinterpret_cast<uintptr_t>(p);
  const uintptr_t end = address + size;
  Execution& execution = g_runtime.execution();
  execution.access_begin = address;
  execution.access_end = end;
  execution.access_site = site;
  // Such an access will fault: nothing to note, and no other task may come between.
  if (end < address || end >> 47 != 0 || address < 4096) return;
  while (address < end) {
    const uintptr_t next = (address | 7) + 1;
    const size_t part = (next < end ? next : end) - address;
    AccessGranule(address, part, is_write, site);
    address = next;
  }
  csim_caller_state.sp = 0;
}

OpKind KindOf(int what) {
  switch (what) {
    case CSIM_ATOMIC_LOAD: return OpKind::kAtomicLoad;
    case CSIM_ATOMIC_STORE: return OpKind::kAtomicStore;
    case CSIM_ATOMIC_RMW: return OpKind::kAtomicRmw;
    default: return OpKind::kAtomicCas;
  }
}

// The memory effect of an atomic access on what its task and object know, and its race check.
void SynchronizeAtomic(const PendingAtomic& a, bool success) {
  RaceDetector& detector = g_runtime.detector();
  const TaskId task = g_runtime.current();
  const bool writes = a.what == CSIM_ATOMIC_STORE || a.what == CSIM_ATOMIC_RMW ||
                      (a.what == CSIM_ATOMIC_CAS && success);
  const uintptr_t granule = a.address & ~uintptr_t{7};
  ShadowCell& cell = g_runtime.shadow.CellOf(granule);
  if (CheckHeapMark(cell, a.address, a.size, writes, a.site)) return;
  const AtomicAccess access{&cell,
                            GranuleOf(granule),
                            static_cast<uint16_t>(((1u << a.size) - 1) << (a.address & 7)),
                            task,
                            a.object,
                            a.site,
                            g_runtime.StackWithLocks()};
  g_runtime.recorder.Memory(access.granule, static_cast<uint8_t>(access.mask), writes, true, a.site,
                            access.stack);
  switch (a.what) {
    case CSIM_ATOMIC_LOAD: detector.AtomicLoad(access, a.order); break;
    case CSIM_ATOMIC_STORE: detector.AtomicStore(access, a.order); break;
    case CSIM_ATOMIC_RMW: detector.AtomicRmw(access, a.order); break;
    default: detector.AtomicCas(access, success, a.order, a.failure_order); break;
  }
  if (g_runtime.shared->serializability.on()) [[unlikely]] {
    NoteAtomicity(access.granule, static_cast<uint8_t>(access.mask), writes, a.site, access.stack);
  }
}

// ---- What the entry points do ----

template <size_t kSize>
void Read(const void* p, const struct csim_site* site) {
  AccessRange(p, kSize, false, site);
}

template <size_t kSize>
void Write(const void* p, const struct csim_site* site) {
  AccessRange(p, kSize, true, site);
}

void ReadRange(const void* p, size_t size, const struct csim_site* site) {
  AccessRange(p, size, false, site);
}

void WriteRange(const void* p, size_t size, const struct csim_site* site) {
  AccessRange(p, size, true, site);
}

void ReadVtable(const void* p, const struct csim_site* site) { AccessRange(p, 8, false, site); }

void WriteVtable(const void* p, const void* value, const struct csim_site* site) {
  const void* old;
  memcpy(&old, p, sizeof old);
  AccessRange(p, 8, old != value, site);
}

// If the address is no memory, here is where that shows.
void ExpectAccess(const PendingAtomic& a) {
  Execution& execution = g_runtime.execution();
  execution.access_begin = a.address;
  execution.access_end = a.address + a.size;
  execution.access_site = a.site;
}

void BeforeAtomic(const void* p, size_t size, int what, int order, int failure_order,
                  const struct csim_site* site) {
  if (!g_runtime.Active()) return;
  PendingAtomic a;
  a.address = reinterpret_cast<uintptr_t>(p);
  if (a.address >> 47 != 0 || a.address < 4096) return;  // the access itself will fault
  a.size = static_cast<uint8_t>(size);
  a.what = what;
  a.order = static_cast<MemoryOrder>(order);
  a.failure_order = static_cast<MemoryOrder>(failure_order);
  a.site = g_runtime.shared->contexts->SiteOf(site);
  bool is_new = false;
  a.object =
      g_runtime.objects().Find(a.address & ~uintptr_t{7}, ObjectKind::kMemory, a.site, &is_new);
  if (is_new) g_runtime.objects().SetShownAddress(a.object, a.address);
  Operation operation;
  operation.kind = KindOf(what);
  if (what == CSIM_ATOMIC_CAS) {
    const bool told = csim_state_v1.expects != 0 && (a.address & 7) + size <= 8;
    if (!told) operation.kind = OpKind::kAtomicRmw;
    operation.argument = told ? csim_state_v1.expected : 0;
    csim_state_v1.expects = 0;
  }
  operation.order = a.order;
  operation.failure_order = a.failure_order;
  operation.size = static_cast<uint8_t>(size > 8 ? 8 : size);
  operation.offset = static_cast<uint8_t>(a.address & 7);
  operation.object = a.object;
  operation.site = a.site;
  ExpectAccess(a);
  if (operation.kind == OpKind::kAtomicCas) NoteFaced(p);
  Perform(operation);
  ExpectAccess(a);
  NoteFound(p);
  memcpy(a.before, p, size > sizeof a.before ? sizeof a.before : size);
  g_atomic = a;
}

void AfterAtomic(uint64_t value, int success) {
  if (!g_runtime.Active() || g_atomic.address == 0) return;
  g_runtime.recorder.Value(value);
  SynchronizeAtomic(g_atomic, success != 0);
  NoteLeft(reinterpret_cast<const void*>(g_atomic.address));
  if (g_atomic.what != CSIM_ATOMIC_LOAD) {
    const bool changed = memcmp(g_atomic.before, reinterpret_cast<const void*>(g_atomic.address),
                                g_atomic.size) != 0;
    g_runtime.spins.DoneAtomic(g_atomic.object, changed);
  }
  g_atomic.address = 0;
  RefreshEpoch();
}

void Fence(int order, const struct csim_site* site) {
  if (!g_runtime.Active()) return;
  Operation operation;
  operation.kind = OpKind::kFence;
  operation.order = static_cast<MemoryOrder>(order);
  operation.site = g_runtime.shared->contexts->SiteOf(site);
  Perform(operation);
  g_runtime.detector().Fence(g_runtime.current(), operation.order);
  RefreshEpoch();
}

void Round(const void* function, unsigned number, uint64_t state, int again) {
  if (!g_runtime.Active()) return;
  g_runtime.spins.OnRound({function, number, csim_caller_state.sp, state}, again != 0);
  csim_caller_state.sp = 0;
}

}  // namespace

CSIM_RUNTIME_ENTRY(void csim_read1(const void*, const csim_site*), Read<1>)
CSIM_RUNTIME_ENTRY(void csim_read2(const void*, const csim_site*), Read<2>)
CSIM_RUNTIME_ENTRY(void csim_read4(const void*, const csim_site*), Read<4>)
CSIM_RUNTIME_ENTRY(void csim_read8(const void*, const csim_site*), Read<8>)
CSIM_RUNTIME_ENTRY(void csim_write1(const void*, const csim_site*), Write<1>)
CSIM_RUNTIME_ENTRY(void csim_write2(const void*, const csim_site*), Write<2>)
CSIM_RUNTIME_ENTRY(void csim_write4(const void*, const csim_site*), Write<4>)
CSIM_RUNTIME_ENTRY(void csim_write8(const void*, const csim_site*), Write<8>)
CSIM_RUNTIME_ENTRY(void csim_read_range(const void*, size_t, const csim_site*), ReadRange)
CSIM_RUNTIME_ENTRY(void csim_write_range(const void*, size_t, const csim_site*), WriteRange)
CSIM_RUNTIME_ENTRY(void csim_vptr_read(const void*, const csim_site*), ReadVtable)
CSIM_RUNTIME_ENTRY(void csim_vptr_write(const void*, const void*, const csim_site*), WriteVtable)
CSIM_RUNTIME_ENTRY(void csim_atomic_before(const void*, size_t, int, int, int, const csim_site*),
                   BeforeAtomic)
CSIM_RUNTIME_ENTRY(void csim_atomic_after(uint64_t, int), AfterAtomic)
CSIM_RUNTIME_ENTRY(void csim_fence(int, const csim_site*), Fence)
CSIM_RUNTIME_ENTRY(void csim_round(const void*, unsigned, uint64_t, int), Round)

CSIM_INTERPOSE struct csim_context* csim_enter(const struct csim_site* function) {
  if (!g_runtime.Active()) return csim_state_v1.context;
  csim_context* parent = csim_state_v1.context;
  csim_state_v1.context =
      g_runtime.shared->contexts->Enter(parent, csim_state_v1.call_site, function);
  return csim_state_v1.context;
}
