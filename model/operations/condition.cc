// Condition variables. `object` is the condition variable, `object2` the mutex.
//
//   kCondWait --(gives up the mutex, queues)--> kCondBlocked --signal--> kCondRelock(0) --> returns
//                                                    |--timeout--------> kCondRelock(ETIMEDOUT)
//                                                    '--no reason------> kCondRelock(0)
// A signal orders nothing by itself: what is waited for is passed on under the mutex.
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

// The task has been woken and wants its mutex back; its wait will return `error`.
void Relock(TaskState& task, int error) {
  task.pending.kind = OpKind::kCondRelock;
  task.pending.argument = static_cast<uint64_t>(error);
  task.pending.deadline = kNoDeadline;
}

OpResult Wait(Machine& m, TaskState& task, uint32_t) {
  ObjectId mutex = task.pending.object2;
  if (mutex == kNoObject || m.object(mutex).owner != task.id) {
    m.ReportMisuse(Misuse::kWaitWithoutMutex, task.pending.object);
    return Failed(EPERM);
  }
  ObjectState& condition = m.object(task.pending.object);
  if (condition.waiters != 0 && m.task(condition.first_waiter).pending.object2 != mutex) {
    m.ReportMisuse(Misuse::kWaitOtherMutex, task.pending.object);
  }
  GiveUpMutex(m, task, mutex);
  m.Enqueue(condition, task);
  return BlockAs(task, OpKind::kCondBlocked);
}

OpResult WakeByItself(Machine& m, TaskState& task, uint32_t alternative) {
  m.RemoveWaiter(m.object(task.pending.object), task.id);
  if (alternative == kTimeout) {
    m.AdvanceTo(task.pending.deadline);
    Relock(task, ETIMEDOUT);
  } else {
    Relock(task, 0);
  }
  return {.blocked = true};
}

Alternatives RelockEnabled(const Machine& m, const TaskState& task) {
  return If(MutexAvailable(m, task, task.pending.object2));
}

OpResult RelockMutex(Machine& m, TaskState& task, uint32_t) {
  TakeMutex(m, task, task.pending.object2);
  if (m.object(task.pending.object2).owner_died) return Failed(EOWNERDEAD);
  return Failed(static_cast<int>(task.pending.argument));
}

Alternatives SignalEnabled(const Machine& m, const TaskState& task) {
  uint32_t waiters = m.object(task.pending.object).waiters;
  return {0, waiters == 0 ? 1 : waiters};
}

OpResult Signal(Machine& m, TaskState& task, uint32_t alternative) {
  ObjectState& condition = m.object(task.pending.object);
  TaskId chosen = condition.first_waiter;
  for (uint32_t i = 0; i < alternative; ++i) chosen = m.task(chosen).next_waiter;
  if (chosen == kNoTask) return {};
  m.RemoveWaiter(condition, chosen);
  Relock(m.task(chosen), 0);
  return {.value = 1};
}

OpResult Broadcast(Machine& m, TaskState& task, uint32_t) {
  ObjectState& condition = m.object(task.pending.object);
  OpResult result;
  for (TaskId id = m.Dequeue(condition); id != kNoTask; id = m.Dequeue(condition)) {
    Relock(m.task(id), 0);
    ++result.value;
  }
  return result;
}

constexpr ObjectKind kCondition = ObjectKind::kCondition;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

// Having left the queue, kCondRelock has nothing to do with the condition variable any more.
const OperationRow kConditionRows[5] = {
    {OpKind::kCondWait, "cond_wait", kCondition, kWrite, kWrite, Always, Wait},
    {OpKind::kCondBlocked, "cond_blocked", kCondition, kWrite, kLocal, TimeoutOrSpurious,
     WakeByItself},
    {OpKind::kCondRelock, "cond_relock", kCondition, kLocal, kWrite, RelockEnabled, RelockMutex},
    {OpKind::kCondSignal, "cond_signal", kCondition, kWrite, kLocal, SignalEnabled, Signal},
    {OpKind::kCondBroadcast, "cond_broadcast", kCondition, kWrite, kLocal, Always, Broadcast},
};

}  // namespace csim
