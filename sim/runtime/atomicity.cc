#include "sim/runtime/atomicity.h"

#include "sim/abi/csim_abi.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {
namespace {

using Access = Serializability::Access;

Serializability& Checker() { return g_runtime.shared->serializability; }

// Objects whose state is data. Locks are not: what they guard is.
bool HasData(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kSemaphore:
    case ObjectKind::kPipe:
    case ObjectKind::kSocket:
    case ObjectKind::kQueue:
    case ObjectKind::kCounter:
    case ObjectKind::kAddress:
    case ObjectKind::kName: return true;
    default: return false;
  }
}

// Accesses that a task repeats are seen again in a new epoch only; it needs one wherever the order of
// transactions begins to matter.
void BeginEpoch() {
  g_runtime.detector().Advance(g_runtime.current());
  RefreshEpoch();
}

void Tell(const Access& access) {
  switch (Checker().OnAccess(access)) {
    case Serializability::Result::kNothing: return;
    case Serializability::Result::kOrdered: return BeginEpoch();
    case Serializability::Result::kCycle: ReportAtomicity(access.site, access.stack);
  }
}

uint32_t MaskOf(const Operation& operation) {
  const bool parts = operation.size != 0 && operation.size < 8;
  return parts ? ((1u << operation.size) - 1) << operation.offset : 0xff;
}

void TellObject(const Operation& operation, ObjectId object, Footprint footprint, uint32_t mask) {
  if (object == kNoObject || footprint == Footprint::kLocal) return;
  constexpr uint64_t kObjects = uint64_t{1} << 63;  // no granule has this bit
  Tell({.object = kObjects | Index(object),
        .mask = static_cast<uint8_t>(mask),
        .writes = footprint != Footprint::kRead,
        .task = g_runtime.current(),
        .site = operation.site,
        .stack = operation.stack});
}

}  // namespace

void EnterAtomicBlock() {
  if (!Checker().on()) {
    for (const TaskId task : g_runtime.machine().live_tasks()) g_runtime.detector().Advance(task);
  }
  Checker().Enter(g_runtime.current(), {g_runtime.CallSite(), g_runtime.CurrentStack()});
  BeginEpoch();
}

void LeaveAtomicBlock() {
  if (!Checker().on()) return;
  Checker().Leave(g_runtime.current());
  BeginEpoch();
}

void NoteAtomicity(uint64_t granule, uint8_t mask, bool writes, SiteId site, StackId stack) {
  Tell({.object = granule,
        .mask = mask,
        .writes = writes,
        .task = g_runtime.current(),
        .site = site,
        .stack = stack});
}

void NoteAtomicity(const Operation& operation, const OpResult& result) {
  const TaskId self = g_runtime.current();
  switch (operation.kind) {
    case OpKind::kThreadCreate:
    case OpKind::kFork:
    case OpKind::kForkThreaded:
      return Checker().OnOrder(self, TaskId{static_cast<uint16_t>(operation.argument)});
    case OpKind::kThreadJoin:
    case OpKind::kThreadTimedJoin:
    case OpKind::kThreadTryJoin:
      if (result.error != 0) return;
      return Checker().OnOrder(g_runtime.machine().object(operation.object).owner, self);
    default: break;
  }
  const OperationRow& row = RowOf(operation.kind);
  if (!HasData(row.object)) return;
  for (uint32_t i = 0; i < operation.use_count; ++i) {
    const ObjectUse& use = operation.uses[i];
    TellObject(operation, use.object, use.footprint, use.parts);
  }
  if (operation.use_count != 0) return;
  TellObject(operation, operation.object, row.footprint, MaskOf(operation));
  TellObject(operation, operation.object2, row.footprint2, MaskOf(operation));
}

void ForgetAtomicity(uintptr_t begin, uintptr_t end) {
  if (!Checker().on()) return;
  for (uintptr_t granule = begin & ~uintptr_t{7}; granule < end; granule += 8) {
    Checker().Forget(GranuleOf(granule));
  }
}

}  // namespace csim
