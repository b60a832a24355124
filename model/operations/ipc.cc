// System V semaphores and locks on files.
//
// kSemAdjust does one or two steps of a semop together: those of its argument (SemAdjustArgument), on
// `object` and, if there are two, on `object2`, in this order. once_state 1: the semaphore was removed.
//
// A lock on a file has a number of holders (count), or one that excludes others (once_state; `limit` says
// who). Owners are open files or processes, not tasks: one may ask again, for another task.
#include <cerrno>
#include <limits>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

constexpr uint64_t kDoesNotWait = uint64_t{1} << 32;

int16_t StepOf(const TaskState& task, int number) {
  return static_cast<int16_t>(task.pending.argument >> 16 * number);
}

// The values after the steps, in `after`. 0, EAGAIN if a step would have to wait, ERANGE.
int Adjusted(const Machine& m, const TaskState& task, uint32_t after[2]) {
  const ObjectId objects[2] = {task.pending.object, task.pending.object2};
  const bool same = objects[0] == objects[1];
  for (int i = 0; i < 2 && objects[i] != kNoObject; ++i) {
    const int64_t step = StepOf(task, i);
    const int64_t value = same && i == 1 ? after[0] : m.object(objects[i]).count;
    if (step == 0 ? value != 0 : value + step < 0) return EAGAIN;
    if (value + step > std::numeric_limits<int16_t>::max()) return ERANGE;
    after[i] = static_cast<uint32_t>(value + step);
    if (same) after[0] = after[i];
  }
  return 0;
}

bool Removed(const Machine& m, const TaskState& task) {
  return m.object(task.pending.object).once_state != 0;
}

Alternatives AdjustEnabled(const Machine& m, const TaskState& task) {
  uint32_t after[2];
  const bool waits = (task.pending.argument & kDoesNotWait) == 0;
  return IfOrTimeout(!waits || Removed(m, task) || Adjusted(m, task, after) != EAGAIN, task);
}

OpResult Adjust(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  if (Removed(m, task)) return Failed(EIDRM);
  uint32_t after[2];
  if (const int error = Adjusted(m, task, after); error != 0) return Failed(error);
  const ObjectId objects[2] = {task.pending.object, task.pending.object2};
  for (int i = 0; i < 2 && objects[i] != kNoObject; ++i) {
    m.object(objects[i]).count = objects[0] == objects[1] ? after[0] : after[i];
    m.NoteChange(objects[i]);
    if (StepOf(task, i) <= 0) Acquire(m, task, objects[i]);
    if (StepOf(task, i) != 0) Release(m, task, objects[i]);
  }
  return {};
}

OpResult Set(Machine& m, TaskState& task, uint32_t) {
  ObjectState& semaphore = m.object(task.pending.object);
  if (task.pending.argument == kRemoveSemaphore) {
    semaphore.once_state = 1;
  } else {
    semaphore.count = static_cast<uint32_t>(task.pending.argument);
  }
  m.NoteChange(task.pending.object);
  Release(m, task, task.pending.object);
  return {};
}

// ---- Locks on files: argument bit 0: excludes others, bit 1: does not wait, above: the owner ----

uint32_t OwnerOf(const TaskState& task) {
  return static_cast<uint32_t>(task.pending.argument >> 2);
}

// The owner has it already, all for itself.
bool OwnsIt(const ObjectState& lock, const TaskState& task) {
  return lock.once_state != 0 && lock.limit == OwnerOf(task);
}

Alternatives LockEnabled(const Machine& m, const TaskState& task) {
  const ObjectState& lock = m.object(task.pending.object);
  const bool excludes = (task.pending.argument & 1) != 0;
  const bool waits = (task.pending.argument & 2) == 0;
  const bool available = lock.once_state == 0 && (!excludes || lock.count == 0);
  return If(!waits || available || OwnsIt(lock, task));
}

OpResult Lock(Machine& m, TaskState& task, uint32_t) {
  ObjectState& lock = m.object(task.pending.object);
  const bool excludes = (task.pending.argument & 1) != 0;
  if (OwnsIt(lock, task)) return {};
  if (lock.once_state != 0 || (excludes && lock.count != 0)) return Failed(EAGAIN);
  if (excludes) {
    lock.once_state = 1;
    lock.limit = OwnerOf(task);
  }
  ++lock.count;
  if (excludes) {
    AcquireAll(m, task, task.pending.object);
  } else {
    Acquire(m, task, task.pending.object);
  }
  return {.value = 1};
}

OpResult Unlock(Machine& m, TaskState& task, uint32_t) {
  ObjectState& lock = m.object(task.pending.object);
  if (lock.count == 0) return {};
  if (lock.once_state != 0) {
    Release(m, task, task.pending.object);
  } else {
    ReleaseShared(m, task, task.pending.object);
  }
  --lock.count;
  lock.once_state = 0;
  m.NoteChange(task.pending.object);
  return {};
}

constexpr ObjectKind kSemaphore = ObjectKind::kSemaphore;
constexpr ObjectKind kFileLock = ObjectKind::kFileLock;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

uint64_t SemAdjustArgument(int16_t first, int16_t second, bool waits) {
  return static_cast<uint16_t>(first) | uint64_t{static_cast<uint16_t>(second)} << 16 |
         (waits ? 0 : kDoesNotWait);
}

const OperationRow kIpcRows[4] = {
    {OpKind::kSemAdjust, "semop", kSemaphore, kWrite, kWrite, AdjustEnabled, Adjust},
    {OpKind::kSemSet, "semctl", kSemaphore, kWrite, kLocal, Always, Set},
    {OpKind::kFileLock, "file_lock", kFileLock, kWrite, kLocal, LockEnabled, Lock},
    {OpKind::kFileUnlock, "file_unlock", kFileLock, kWrite, kLocal, Always, Unlock},
};

}  // namespace csim
