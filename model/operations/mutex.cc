// Mutexes: normal, recursive and error-checking ones.
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {

bool MutexAvailable(const Machine& m, const TaskState& task, ObjectId mutex) {
  const ObjectState& state = m.object(mutex);
  if (state.owner == kNoTask) return true;
  return state.owner == task.id && state.mutex_type == MutexType::kRecursive;
}

void TakeMutex(Machine& m, TaskState& task, ObjectId mutex) {
  ObjectState& state = m.object(mutex);
  state.owner = task.id;
  if (++state.count == 1) Acquire(m, task, mutex);
  m.PushHeld(task, mutex, LockMode::kExclusive);
}

void GiveUpMutex(Machine& m, TaskState& task, ObjectId mutex) {
  ObjectState& state = m.object(mutex);
  m.PopHeld(task, mutex);
  if (--state.count != 0) return;
  state.owner = kNoTask;
  Release(m, task, mutex);
}

namespace {

// An error-checking mutex says at once that its owner cannot have it again.
bool WouldDeadlock(const Machine& m, const TaskState& task) {
  const ObjectState& mutex = m.object(task.pending.object);
  return mutex.owner == task.id && mutex.mutex_type == MutexType::kErrorChecking;
}

bool LockReturns(const Machine& m, const TaskState& task) {
  return MutexAvailable(m, task, task.pending.object) || WouldDeadlock(m, task);
}

Alternatives LockEnabled(const Machine& m, const TaskState& task) {
  return If(LockReturns(m, task));
}

Alternatives TimedLockEnabled(const Machine& m, const TaskState& task) {
  return IfOrTimeout(LockReturns(m, task), task);
}

OpResult Take(Machine& m, TaskState& task) {
  ObjectState& mutex = m.object(task.pending.object);
  if (mutex.lost) return Failed(ENOTRECOVERABLE);
  TakeMutex(m, task, task.pending.object);
  return mutex.owner_died ? Failed(EOWNERDEAD) : OpResult{};
}

OpResult Lock(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  if (WouldDeadlock(m, task)) return Failed(EDEADLK);
  return Take(m, task);
}

OpResult TryLock(Machine& m, TaskState& task, uint32_t) {
  if (!MutexAvailable(m, task, task.pending.object)) return Failed(EBUSY);
  return Take(m, task);
}

OpResult Unlock(Machine& m, TaskState& task, uint32_t) {
  const ObjectState& mutex = m.object(task.pending.object);
  if (mutex.owner != task.id) return UnlockRefused(m, task, mutex.owner != kNoTask);
  GiveUpMutex(m, task, task.pending.object);
  if (mutex.owner == kNoTask && mutex.owner_died) m.object(task.pending.object).lost = true;
  return {};
}

OpResult Consistent(Machine& m, TaskState& task, uint32_t) {
  ObjectState& mutex = m.object(task.pending.object);
  if (mutex.owner != task.id || !mutex.owner_died) return Failed(EINVAL);
  mutex.owner_died = false;
  return {};
}

OpResult Abandon(Machine& m, TaskState& task, uint32_t) {
  m.AbandonRobust(task, task.pending.object);
  return {};
}

constexpr ObjectKind kMutex = ObjectKind::kMutex;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

const OperationRow kMutexRows[6] = {
    {OpKind::kMutexLock, "mutex_lock", kMutex, kWrite, kLocal, LockEnabled, Lock},
    {OpKind::kMutexTryLock, "mutex_trylock", kMutex, kWrite, kLocal, Always, TryLock},
    {OpKind::kMutexTimedLock, "mutex_timedlock", kMutex, kWrite, kLocal, TimedLockEnabled, Lock},
    {OpKind::kMutexUnlock, "mutex_unlock", kMutex, kWrite, kLocal, Always, Unlock},
    {OpKind::kMutexConsistent, "mutex_consistent", kMutex, kWrite, kLocal, Always, Consistent},
    {OpKind::kMutexAbandon, "mutex_abandon", kMutex, kWrite, kLocal, Always, Abandon},
};

}  // namespace csim
