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
  m.ReportMisuse(held_by_somebody ? Misuse::kUnlockByOther : Misuse::kUnlockNotHeld,
                 task.pending.object);
  return Failed(EPERM);
}

}  // namespace csim::operations
