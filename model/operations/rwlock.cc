// Reader-writer locks under three policies. ObjectState::owner is the writer inside, count the
// readers inside.
//
// | policy      | a reader gets in at once      | a writer gets in at once     | otherwise |
// |-------------|-------------------------------|------------------------------|-----------------------|
// | ReaderFirst | no writer inside              | nobody inside                | waits, no queue |
// | WriterFirst | no writer inside nor queued   | nobody inside, none queued   | queues, by rank |
// | Fair        | no writer inside nor queued   | nobody inside, no queue      | queues, by arrival
// |
//
// A queued writer gets in when nobody is inside and no writer (Fair: nobody) is queued before it; a
// queued reader when no writer is inside and no writer is queued (Fair: queued before it).
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

bool Queues(const Machine& m, const TaskState& task) {
  return m.rw_policy(task.pending.object) != RwPolicy::kReaderFirst;
}

// True if a writer is queued before `until` (kNoTask: anywhere).
bool WriterQueued(const Machine& m, const ObjectState& lock, TaskId until) {
  for (TaskId id = lock.first_waiter; id != until && id != kNoTask; id = m.task(id).next_waiter) {
    if (m.task(id).pending.kind == OpKind::kWriteBlocked) return true;
  }
  return false;
}

// Whether `task`, not queued, would get in at once.
bool ReaderGetsIn(const Machine& m, const TaskState& task) {
  const ObjectState& lock = m.object(task.pending.object);
  return lock.owner == kNoTask && !WriterQueued(m, lock, kNoTask);
}

bool WriterGetsIn(const Machine& m, const TaskState& task) {
  const ObjectState& lock = m.object(task.pending.object);
  if (lock.owner != kNoTask || lock.count != 0) return false;
  switch (m.rw_policy(task.pending.object)) {
    case RwPolicy::kReaderFirst: return true;
    case RwPolicy::kWriterFirst: return !WriterQueued(m, lock, kNoTask);
    case RwPolicy::kFair: return lock.waiters == 0;
  }
  return false;
}

// The writer inside asks again: glibc tells it so.
bool OwnWriteLock(const Machine& m, const TaskState& task) {
  return m.object(task.pending.object).owner == task.id;
}

OpResult RefuseRelock(Machine& m, const TaskState& task) {
  m.ReportMisuse(Misuse::kRelock, task.pending.object);
  return Failed(EDEADLK);
}

OpResult EnterAsReader(Machine& m, TaskState& task) {
  ++m.object(task.pending.object).count;
  Acquire(m, task, task.pending.object);
  m.PushHeld(task, task.pending.object, LockMode::kShared);
  return {};
}

OpResult EnterAsWriter(Machine& m, TaskState& task) {
  m.object(task.pending.object).owner = task.id;
  AcquireAll(m, task, task.pending.object);
  m.PushHeld(task, task.pending.object, LockMode::kExclusive);
  return {};
}

Alternatives ReadLockEnabled(const Machine& m, const TaskState& task) {
  if (Queues(m, task) || OwnWriteLock(m, task)) return {kNormal, 1};
  return IfOrTimeout(ReaderGetsIn(m, task), task);
}

OpResult ReadLock(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  if (OwnWriteLock(m, task)) return RefuseRelock(m, task);
  if (ReaderGetsIn(m, task)) return EnterAsReader(m, task);
  m.Enqueue(m.object(task.pending.object), task);
  return BlockAs(task, OpKind::kReadBlocked);
}

OpResult ReadTryLock(Machine& m, TaskState& task, uint32_t) {
  return ReaderGetsIn(m, task) ? EnterAsReader(m, task) : Failed(EBUSY);
}

Alternatives ReadBlockedEnabled(const Machine& m, const TaskState& task) {
  const ObjectState& lock = m.object(task.pending.object);
  bool fair = m.rw_policy(task.pending.object) == RwPolicy::kFair;
  bool waits = lock.owner != kNoTask || WriterQueued(m, lock, fair ? task.id : kNoTask);
  return IfOrTimeout(!waits, task);
}

OpResult ReadBlocked(Machine& m, TaskState& task, uint32_t alternative) {
  m.RemoveWaiter(m.object(task.pending.object), task.id);
  return alternative == kTimeout ? TimedOut(m, task) : EnterAsReader(m, task);
}

Alternatives WriteLockEnabled(const Machine& m, const TaskState& task) {
  if (Queues(m, task) || OwnWriteLock(m, task)) return {kNormal, 1};
  return IfOrTimeout(WriterGetsIn(m, task), task);
}

OpResult WriteLock(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  if (OwnWriteLock(m, task)) return RefuseRelock(m, task);
  if (WriterGetsIn(m, task)) return EnterAsWriter(m, task);
  m.Enqueue(m.object(task.pending.object), task);
  return BlockAs(task, OpKind::kWriteBlocked);
}

OpResult WriteTryLock(Machine& m, TaskState& task, uint32_t) {
  return WriterGetsIn(m, task) ? EnterAsWriter(m, task) : Failed(EBUSY);
}

Alternatives WriteBlockedEnabled(const Machine& m, const TaskState& task) {
  const ObjectState& lock = m.object(task.pending.object);
  bool fair = m.rw_policy(task.pending.object) == RwPolicy::kFair;
  bool behind = fair ? lock.first_waiter != task.id : WriterQueued(m, lock, task.id);
  return IfOrTimeout(lock.owner == kNoTask && lock.count == 0 && !behind, task);
}

OpResult WriteBlocked(Machine& m, TaskState& task, uint32_t alternative) {
  m.RemoveWaiter(m.object(task.pending.object), task.id);
  return alternative == kTimeout ? TimedOut(m, task) : EnterAsWriter(m, task);
}

OpResult Unlock(Machine& m, TaskState& task, uint32_t) {
  ObjectId object = task.pending.object;
  ObjectState& lock = m.object(object);
  const HeldLock* held = m.FindHeld(task.id, object);
  if (held == nullptr) return UnlockRefused(m, task, lock.owner != kNoTask || lock.count != 0);
  if (held->mode == LockMode::kExclusive) {
    lock.owner = kNoTask;
    Release(m, task, object);
  } else {
    --lock.count;
    ReleaseShared(m, task, object);
  }
  m.PopHeld(task, object);
  return {};
}

constexpr ObjectKind kRwLock = ObjectKind::kRwLock;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kRead = Footprint::kRead;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

// Readers do not disturb readers: whatever order two of them arrive, queue, or get in, the same is
// possible afterwards. An unlock does not say whose it is: kWrite.
const OperationRow kRwLockRows[9] = {
    {OpKind::kReadLock, "rwlock_rdlock", kRwLock, kRead, kLocal, ReadLockEnabled, ReadLock},
    {OpKind::kReadTryLock, "rwlock_tryrdlock", kRwLock, kRead, kLocal, Always, ReadTryLock},
    {OpKind::kReadTimedLock, "rwlock_timedrdlock", kRwLock, kRead, kLocal, ReadLockEnabled,
     ReadLock},
    {OpKind::kReadBlocked, "rwlock_rdblocked", kRwLock, kRead, kLocal, ReadBlockedEnabled,
     ReadBlocked},
    {OpKind::kWriteLock, "rwlock_wrlock", kRwLock, kWrite, kLocal, WriteLockEnabled, WriteLock},
    {OpKind::kWriteTryLock, "rwlock_trywrlock", kRwLock, kWrite, kLocal, Always, WriteTryLock},
    {OpKind::kWriteTimedLock, "rwlock_timedwrlock", kRwLock, kWrite, kLocal, WriteLockEnabled,
     WriteLock},
    {OpKind::kWriteBlocked, "rwlock_wrblocked", kRwLock, kWrite, kLocal, WriteBlockedEnabled,
     WriteBlocked},
    {OpKind::kRwUnlock, "rwlock_unlock", kRwLock, kWrite, kLocal, Always, Unlock},
};

}  // namespace csim
