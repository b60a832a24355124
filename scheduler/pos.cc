#include "scheduler/pos.h"

#include "scheduler/tasks.h"

namespace csim {

void PosStrategy::BeginExecution() {
  generator_ = NextGenerator();
  scores_.clear();
}

Choice PosStrategy::Choose(const SchedulingPoint& point) {
  scores_.resize(point.machine.task_count(), kUndrawn);
  Choice choice;
  Alternatives alternatives;
  ForEachEnabled(point.machine, 0, [&](TaskId task, Alternatives a) {
    uint64_t& score = scores_[Index(task)];
    if (score == kUndrawn) score = Draw();
    if (choice.task == kNoTask || score > scores_[Index(choice.task)]) {
      choice.task = task;
      alternatives = a;
    }
    return false;
  });
  if (choice.task == kNoTask) return {};
  choice.alternative = alternatives.first + generator_.Below(alternatives.count);
  DrawDependentAnew(point.machine, choice.task);
  return choice;
}

void PosStrategy::DrawDependentAnew(const Machine& machine, TaskId chosen) {
  scores_[Index(chosen)] = kUndrawn;
  const Operation& done = machine.task(chosen).pending;
  for (TaskId task : machine.live_tasks()) {
    if (machine.task(task).status != TaskStatus::kPending) continue;
    if (Dependent(machine.task(task).pending, done)) scores_[Index(task)] = kUndrawn;
  }
}

}  // namespace csim
