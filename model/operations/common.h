// What the rows of several families need. Included by model/operations/*.cc only.
#ifndef CSIM_MODEL_OPERATIONS_COMMON_H_
#define CSIM_MODEL_OPERATIONS_COMMON_H_

#include "model/machine.h"
#include "model/operation.h"

namespace csim::operations {

// ---- Enabled ----

inline Alternatives If(bool available) {
  return available ? Alternatives{kNormal, 1} : Alternatives{};
}
inline Alternatives Always(const Machine&, const TaskState&) { return {kNormal, 1}; }
inline Alternatives Never(const Machine&, const TaskState&) { return {}; }

// An operation that can be done when `available` and time out as long as it is not.
inline Alternatives IfOrTimeout(bool available, const TaskState& task) {
  if (available) return {kNormal, 1};
  return task.pending.deadline == kNoDeadline ? Alternatives{} : Alternatives{kTimeout, 1};
}

// A wait that ends by being woken, and by itself only through its deadline or without a reason.
inline Alternatives TimeoutOrSpurious(const Machine& m, const TaskState& task) {
  bool timed = task.pending.deadline != kNoDeadline;
  if (!m.options().spurious_wakeups) return timed ? Alternatives{kTimeout, 1} : Alternatives{};
  return timed ? Alternatives{kTimeout, 2} : Alternatives{kSpurious, 1};
}

// ---- Execute ----

inline OpResult NoEffect(Machine&, TaskState&, uint32_t) { return {}; }
inline OpResult Failed(int error) { return {.error = error}; }

// A wait that has come to its deadline. The task must have left all queues.
OpResult TimedOut(Machine& m, const TaskState& task);

// The task goes on waiting as `kind`, on the same object.
OpResult BlockAs(TaskState& task, OpKind kind);

// The task that `task` is about to create (the pending operation's argument) can start, and knows what
// its creator knows. That task.
TaskState& StartChild(Machine& m, const TaskState& task);

// Reports that `task` tried to unlock `object` and does not hold it.
OpResult UnlockRefused(Machine& m, const TaskState& task, bool held_by_somebody);

// ---- Signals ----

// A signal for a task that waits may have come just before it began to wait, and then it goes on
// waiting when the handler has run (the wait that checks a flag first, and is never woken): a second way in
// which it is interrupted. (A task does not stop between the check and the wait.)
constexpr uint32_t kBeforeWait = 1;
bool MayComeBefore(const Machine& m, const TaskState& task);

// ---- Happens-before ----

inline void Acquire(Machine& m, const TaskState& task, ObjectId object) {
  if (SyncListener* listener = m.listener()) listener->Acquire(task.id, object);
}
inline void Release(Machine& m, const TaskState& task, ObjectId object) {
  if (SyncListener* listener = m.listener()) listener->Release(task.id, object);
}
inline void AcquireAll(Machine& m, const TaskState& task, ObjectId object) {
  if (SyncListener* listener = m.listener()) listener->AcquireAll(task.id, object);
}
inline void ReleaseShared(Machine& m, const TaskState& task, ObjectId object) {
  if (SyncListener* listener = m.listener()) listener->ReleaseShared(task.id, object);
}
inline void Transfer(Machine& m, TaskId from, TaskId to) {
  if (SyncListener* listener = m.listener()) listener->Transfer(from, to);
}

// ---- Mutexes, for condition variables too ----

// True if `task` can have the mutex now: nobody has it, or itself has it and it is recursive.
bool MutexAvailable(const Machine& m, const TaskState& task, ObjectId mutex);
void TakeMutex(Machine& m, TaskState& task, ObjectId mutex);
// Gives up one level of the mutex. REQUIRES: `task` owns it.
void GiveUpMutex(Machine& m, TaskState& task, ObjectId mutex);

}  // namespace csim::operations

#endif  // CSIM_MODEL_OPERATIONS_COMMON_H_
