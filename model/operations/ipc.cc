// System V semaphores and locks on files.
//
// kSemAdjust does the steps of a semop together, in their order (Machine::StepsOf). once_state 1: the semaphore
// was removed. What a process wants undone (SEM_UNDO) is done by its kSemUndo before it exits, and at once
// if it is killed, or exits while it may have other threads.
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

constexpr int64_t kMostValue = std::numeric_limits<int16_t>::max();

enum class Adjusting : uint8_t { kCan, kWaits, kFails, kTooLarge };

// What comes of the steps, one after the other, and of how many.
Adjusting CanAdjust(const Machine& m, const TaskState& task, size_t* stopped_at) {
  const std::span<const SemStep> steps = m.StepsOf(task.pending);
  for (size_t i = 0; i < steps.size(); ++i) {
    const SemStep& step = steps[i];
    *stopped_at = i;
    int64_t value = m.object(step.object).count;
    int64_t undone = 0;
    for (const SemStep& before : steps.first(i)) {
      if (before.object != step.object) continue;
      value += before.step;
      if (before.undo) undone -= before.step;
    }
    const bool blocks = step.step == 0 ? value != 0 : value + step.step < 0;
    if (blocks) return step.waits ? Adjusting::kWaits : Adjusting::kFails;
    if (value + step.step > kMostValue) return Adjusting::kTooLarge;
    if (!step.undo) continue;
    for (const SemUndo& undo : m.undos()) {
      const bool mine = undo.process == task.process && undo.object == step.object;
      if (mine) undone += undo.adjustment;
    }
    undone -= step.step;
    if (undone < -kMostValue - 1 || undone > kMostValue) return Adjusting::kTooLarge;
  }
  return Adjusting::kCan;
}

}  // namespace
}  // namespace operations

const SemStep* FirstBlockedStep(const Machine& machine, const TaskState& task) {
  size_t at = 0;
  const bool waits = operations::CanAdjust(machine, task, &at) == operations::Adjusting::kWaits;
  return waits ? &machine.StepsOf(task.pending)[at] : nullptr;
}

namespace operations {
namespace {

bool Removed(const Machine& m, const TaskState& task) {
  return m.object(task.pending.object).once_state != 0;
}

Alternatives AdjustEnabled(const Machine& m, const TaskState& task) {
  size_t at = 0;
  return IfOrTimeout(Removed(m, task) || CanAdjust(m, task, &at) != Adjusting::kWaits, task);
}

OpResult Adjust(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  if (Removed(m, task)) return Failed(EIDRM);
  size_t at = 0;
  const Adjusting how = CanAdjust(m, task, &at);
  if (how != Adjusting::kCan) return Failed(how == Adjusting::kTooLarge ? ERANGE : EAGAIN);
  for (const SemStep& step : m.StepsOf(task.pending)) {
    ObjectState& semaphore = m.object(step.object);
    semaphore.count = static_cast<uint32_t>(int64_t{semaphore.count} + step.step);
    semaphore.generation = m.PidOf(task.process);
    m.NoteChange(step.object);
    if (step.undo && step.step != 0) m.AddUndo(task.process, step.object, -step.step);
    if (step.step <= 0) Acquire(m, task, step.object);
    if (step.step != 0) Release(m, task, step.object);
  }
  return {};
}

OpResult Undo(Machine& m, TaskState& task, uint32_t) {
  for (const SemStep& step : m.StepsOf(task.pending)) {
    SemUndo* const undo = m.UndoOf(task.process, step.object);
    if (undo == nullptr || undo->adjustment == 0) continue;
    m.Undo(*undo);
    Release(m, task, step.object);
  }
  return {};
}

OpResult Set(Machine& m, TaskState& task, uint32_t) {
  ObjectState& semaphore = m.object(task.pending.object);
  if (task.pending.argument == kRemoveSemaphore) {
    semaphore.once_state = 1;
  } else {
    semaphore.count = static_cast<uint32_t>(task.pending.argument);
    semaphore.generation = m.PidOf(task.process);
  }
  m.ForgetUndos(task.pending.object);
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

const OperationRow kIpcRows[5] = {
    {OpKind::kSemAdjust, "semop", kSemaphore, kWrite, kWrite, AdjustEnabled, Adjust},
    {OpKind::kSemUndo, "sem_undo", kSemaphore, kWrite, kWrite, Always, Undo},
    {OpKind::kSemSet, "semctl", kSemaphore, kWrite, kLocal, Always, Set},
    {OpKind::kFileLock, "file_lock", kFileLock, kWrite, kLocal, LockEnabled, Lock},
    {OpKind::kFileUnlock, "file_unlock", kFileLock, kWrite, kLocal, Always, Unlock},
};

}  // namespace csim
