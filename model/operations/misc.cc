// Yield, sleep, output, choice, atomic blocks, destruction.
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

Alternatives SleepEnabled(const Machine&, const TaskState& task) {
  return If(task.pending.deadline != kNoDeadline);
}

OpResult Sleep(Machine& m, TaskState& task, uint32_t) {
  m.AdvanceTo(task.pending.deadline);
  return {};
}

Alternatives ChooseEnabled(const Machine&, const TaskState& task) {
  uint64_t n = task.pending.argument;
  return {0, n == 0 ? 1 : static_cast<uint32_t>(n)};
}

OpResult Choose(Machine&, TaskState&, uint32_t alternative) { return {.value = alternative}; }

OpResult AtomicBegin(Machine& m, TaskState& task, uint32_t) {
  m.set_atomic_owner(task.id);
  m.set_atomic_depth(m.atomic_depth() + 1);
  return {};
}

OpResult AtomicEnd(Machine& m, TaskState& task, uint32_t) {
  if (m.atomic_owner() != task.id) return UnlockRefused(m, task, false);
  m.set_atomic_depth(m.atomic_depth() - 1);
  if (m.atomic_depth() == 0) m.set_atomic_owner(kNoTask);
  return {};
}

OpResult Destroy(Machine& m, TaskState& task, uint32_t) {
  ObjectState& object = m.object(task.pending.object);
  bool holds_count = object.kind == ObjectKind::kMutex || object.kind == ObjectKind::kRwLock ||
                     object.kind == ObjectKind::kBarrier;
  if (object.owner != kNoTask || object.waiters != 0 || (holds_count && object.count != 0)) {
    m.ReportMisuse(Misuse::kDestroyHeld, task.pending.object);
    return Failed(EBUSY);
  }
  object.destroyed = true;
  return {};
}

constexpr ObjectKind kNone = ObjectKind::kNone;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kWrite = Footprint::kWrite;
constexpr Footprint kGlobal = Footprint::kGlobal;

}  // namespace
}  // namespace operations

using namespace operations;

// A sleep is no synchronisation: that it ends changes nothing but the clock, which only grows to
// the latest deadline in whatever order: kLocal. A choice concerns its task only: kLocal, with
// several alternatives. Beginning an atomic block disables everybody else: kGlobal; at its end
// nobody else is enabled, so that there is nothing it could be swapped with: kLocal.
const OperationRow kMiscRows[7] = {
    {OpKind::kYield, "yield", kNone, kLocal, kLocal, Always, NoEffect},
    {OpKind::kSleep, "sleep", kNone, kLocal, kLocal, SleepEnabled, Sleep},
    {OpKind::kOutput, "output", ObjectKind::kStream, kWrite, kLocal, Always, NoEffect},
    {OpKind::kChoose, "choose", kNone, kLocal, kLocal, ChooseEnabled, Choose},
    {OpKind::kAtomicBegin, "atomic_begin", kNone, kGlobal, kLocal, Always, AtomicBegin},
    {OpKind::kAtomicEnd, "atomic_end", kNone, kLocal, kLocal, Always, AtomicEnd},
    {OpKind::kDestroy, "destroy", kNone, kWrite, kLocal, Always, Destroy},
};

}  // namespace csim
