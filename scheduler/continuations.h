// All that can follow a schedule: each execution begins with the same choices, and every Mazurkiewicz trace of what
// comes after them is explored once.
//
// For questions about one execution: from which choice on does it always come to this?
#ifndef CSIM_SCHEDULER_CONTINUATIONS_H_
#define CSIM_SCHEDULER_CONTINUATIONS_H_

#include <memory_resource>

#include "model/schedule.h"
#include "scheduler/sleep_sets.h"
#include "scheduler/strategy.h"

namespace csim {

class ContinuationsStrategy final : public Strategy {
 public:
  // Keeps a copy of `schedule`.
  ContinuationsStrategy(std::pmr::memory_resource* memory, const Schedule& schedule)
      : schedule_(memory), cursor_(schedule_), rest_(memory) {
    schedule_ = schedule;
  }

  void BeginExecution() override {
    cursor_ = ScheduleCursor(schedule_);
    rest_.BeginExecution();
  }

  // kNoTask if a choice of the schedule is not open; then nothing is complete.
  Choice Choose(const SchedulingPoint& point) override {
    if (cursor_.AtEnd()) return rest_.Choose(point);
    const Choice choice = cursor_.Get();
    const bool open = Index(choice.task) < point.machine.task_count() &&
                      point.machine.EnabledOf(choice.task).Has(choice.alternative);
    if (!open) {
      lost_ = true;
      return {};
    }
    cursor_.Next();
    return choice;
  }

  bool FinishExecution(Outcome outcome) override {
    // An execution that ends within the schedule is the only one.
    return cursor_.AtEnd() && !lost_ ? rest_.FinishExecution(outcome) : false;
  }
  bool complete() const override { return !lost_ && (!cursor_.AtEnd() || rest_.complete()); }
  void Restart() override { rest_.Restart(); }

 private:
  Schedule schedule_;
  ScheduleCursor cursor_;
  SleepSetStrategy rest_;
  bool lost_ = false;  // the program did not follow the schedule
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_CONTINUATIONS_H_
