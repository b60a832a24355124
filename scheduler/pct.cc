#include "scheduler/pct.h"

#include <algorithm>

#include "scheduler/tasks.h"

namespace csim {

void PctStrategy::BeginExecution() {
  generator_ = NextGenerator();
  priorities_.clear();
  changes_.clear();
  lowest_ = 0;
  run_ = 0;
  steps_ = 0;
  if (max_steps_ == 0) return;
  const auto steps = static_cast<uint32_t>(std::min<uint64_t>(max_steps_, ~uint32_t{0}));
  for (uint32_t i = 1; i < depth_; ++i) changes_.push_back(generator_.Below(steps));
}

// A new task's priority is random among those of all tasks; values are ties with probability 2^-62.
void PctStrategy::MeetNewTasks(const Machine& machine) {
  while (priorities_.size() < machine.task_count()) {
    priorities_.push_back(static_cast<int64_t>(generator_.Next() >> 2));
  }
}

TaskId PctStrategy::Highest(const Machine& machine, Alternatives* alternatives) const {
  TaskId best = kNoTask;
  ForEachEnabled(machine, 0, [&](TaskId task, Alternatives a) {
    if (best == kNoTask || priorities_[Index(task)] > priorities_[Index(best)]) {
      best = task;
      *alternatives = a;
    }
    return false;
  });
  return best;
}

Choice PctStrategy::Choose(const SchedulingPoint& point) {
  MeetNewTasks(point.machine);
  Alternatives alternatives;
  TaskId task = Highest(point.machine, &alternatives);
  if (task == kNoTask) return {};
  if (std::find(changes_.begin(), changes_.end(), steps_) != changes_.end()) {
    Lower(task);
    task = Highest(point.machine, &alternatives);
  }
  ++steps_;
  run_ = task == point.current ? run_ + 1 : 1;
  if (IsYield(point.machine.task(task).pending.kind) || run_ >= kMaxRun) {
    Lower(task);
    run_ = 0;
  }
  return {task, alternatives.first + generator_.Below(alternatives.count)};
}

void PctStrategy::Learn(Outcome) { max_steps_ = std::max(max_steps_, steps_); }

}  // namespace csim
