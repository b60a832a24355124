#include "scheduler/replay.h"

#include "scheduler/tasks.h"

namespace csim {

void ReplayStrategy::BeginExecution() {
  cursor_ = ScheduleCursor(schedule_);
  diverged_at_ = kFollowed;
  wanted_ = {};
}

Choice ReplayStrategy::Choose(const SchedulingPoint& point) {
  Choice choice;
  if (cursor_.AtEnd()) {
    Alternatives current = point.machine.EnabledOf(point.current);
    if (current.Any()) return {point.current, current.first};
    ForEachEnabled(point.machine, 0, [&](TaskId task, Alternatives a) {
      choice = {task, a.first};
      return true;
    });
    return choice;
  }
  choice = cursor_.Get();
  if (Index(choice.task) < point.machine.task_count() &&
      point.machine.EnabledOf(choice.task).Has(choice.alternative)) {
    cursor_.Next();
    return choice;
  }
  diverged_at_ = point.step;
  wanted_ = choice;
  return {};
}

}  // namespace csim
