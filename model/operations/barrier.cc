// Barriers, one-time initialisation and spin locks.
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

// ---- Barriers: count is how many have arrived in this round, generation the round ----

// The last one hands all that the round knows to each of the others at once: what a fast task
// brings to the next round before a slow one has left this one does not reach the slow one.
OpResult BarrierWait(Machine& m, TaskState& task, uint32_t) {
  ObjectState& barrier = m.object(task.pending.object);
  Release(m, task, task.pending.object);
  if (++barrier.count < barrier.limit) {
    task.pending.argument = barrier.generation;
    m.Enqueue(barrier, task);
    return BlockAs(task, OpKind::kBarrierBlocked);
  }
  Acquire(m, task, task.pending.object);
  for (TaskId id = m.Dequeue(barrier); id != kNoTask; id = m.Dequeue(barrier)) {
    Transfer(m, task.id, id);
  }
  barrier.count = 0;
  ++barrier.generation;
  return {.value = 1};
}

Alternatives BarrierBlockedEnabled(const Machine& m, const TaskState& task) {
  return If(m.object(task.pending.object).generation != task.pending.argument);
}

// ---- Once ----

Alternatives OnceEnabled(const Machine& m, const TaskState& task) {
  return If(m.object(task.pending.object).once_state != 1);
}

OpResult OnceBegin(Machine& m, TaskState& task, uint32_t) {
  ObjectState& once = m.object(task.pending.object);
  Acquire(m, task, task.pending.object);
  if (once.once_state == 2) return {};
  once.once_state = 1;
  once.owner = task.id;
  m.PushHeld(task, task.pending.object, LockMode::kExclusive);
  return {.value = 1};
}

// A failed run, too, happens before the next one.
OpResult OnceEnd(Machine& m, TaskState& task, uint32_t) {
  ObjectState& once = m.object(task.pending.object);
  if (once.owner != task.id) return UnlockRefused(m, task, once.owner != kNoTask);
  once.once_state = task.pending.argument != 0 ? 2 : 0;
  once.owner = kNoTask;
  m.PopHeld(task, task.pending.object);
  Release(m, task, task.pending.object);
  return {};
}

// ---- Spin locks ----

bool SpinFree(const Machine& m, const TaskState& task) {
  return m.object(task.pending.object).owner == kNoTask;
}

Alternatives SpinEnabled(const Machine& m, const TaskState& task) { return If(SpinFree(m, task)); }

OpResult TakeSpin(Machine& m, TaskState& task, uint32_t) {
  m.object(task.pending.object).owner = task.id;
  Acquire(m, task, task.pending.object);
  m.PushHeld(task, task.pending.object, LockMode::kExclusive);
  return {};
}

OpResult TrySpin(Machine& m, TaskState& task, uint32_t) {
  return SpinFree(m, task) ? TakeSpin(m, task, kNormal) : Failed(EBUSY);
}

OpResult SpinUnlock(Machine& m, TaskState& task, uint32_t) {
  ObjectState& lock = m.object(task.pending.object);
  if (lock.owner != task.id) return UnlockRefused(m, task, lock.owner != kNoTask);
  lock.owner = kNoTask;
  m.PopHeld(task, task.pending.object);
  Release(m, task, task.pending.object);
  return {};
}

constexpr ObjectKind kBarrier = ObjectKind::kBarrier;
constexpr ObjectKind kOnce = ObjectKind::kOnce;
constexpr ObjectKind kSpin = ObjectKind::kSpinLock;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

// Who arrives when decides who is the serial task: kWrite. Leaving a barrier whose round is over
// changes nothing and cannot be undone: kLocal.
const OperationRow kBarrierRows[7] = {
    {OpKind::kBarrierWait, "barrier_wait", kBarrier, kWrite, kLocal, Always, BarrierWait},
    {OpKind::kBarrierBlocked, "barrier_blocked", kBarrier, kLocal, kLocal, BarrierBlockedEnabled,
     NoEffect},
    {OpKind::kOnceBegin, "once_begin", kOnce, kWrite, kLocal, OnceEnabled, OnceBegin},
    {OpKind::kOnceEnd, "once_end", kOnce, kWrite, kLocal, Always, OnceEnd},
    {OpKind::kSpinLock, "spin_lock", kSpin, kWrite, kLocal, SpinEnabled, TakeSpin},
    {OpKind::kSpinTryLock, "spin_trylock", kSpin, kWrite, kLocal, Always, TrySpin},
    {OpKind::kSpinUnlock, "spin_unlock", kSpin, kWrite, kLocal, Always, SpinUnlock},
};

}  // namespace csim
