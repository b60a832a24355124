#include "model/operations/common.h"

#include <cerrno>

namespace csim::operations {

OpResult TimedOut(Machine& m, const TaskState& task) {
  m.AdvanceTo(task.pending.deadline);
  return {.error = ETIMEDOUT};
}

OpResult BlockAs(TaskState& task, OpKind kind) {
  task.pending.kind = kind;
  return {.blocked = true};
}

TaskState& StartChild(Machine& m, const TaskState& task) {
  TaskState& child = m.task(TaskId{static_cast<uint16_t>(task.pending.argument)});
  child.created_at = task.pending.site;
  child.created_stack = task.pending.stack;
  child.blocked = task.blocked;
  child.pending = Operation{.kind = OpKind::kThreadStart,
                            .object = child.thread_object,
                            .site = task.pending.site,
                            .stack = task.pending.stack};
  child.status = TaskStatus::kPending;
  if (child.exposed) m.SetReach(child);
  Transfer(m, task.id, child.id);
  return child;
}

OpResult UnlockRefused(Machine& m, const TaskState& task, bool held_by_somebody) {
  const ObjectState& object = m.object(task.pending.object);
  // An error-checking mutex says no, and that is what it is for.
  const bool checks =
      object.kind == ObjectKind::kMutex && object.mutex_type == MutexType::kErrorChecking;
  if (checks) return Failed(EPERM);
  m.ReportMisuse(held_by_somebody ? Misuse::kUnlockByOther : Misuse::kUnlockNotHeld,
                 task.pending.object);
  return Failed(EPERM);
}

}  // namespace csim::operations
