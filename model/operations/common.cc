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
