// Whose turn the systematic searches try first, so that no task that goes on for ever hides the others.
//
// A task that has just yielded, slept or timed out, or done kMaxRun operations in a row, gives the first
// place to the next one. Local operations need no branching; but after kMaxLocalRun of them in a row
// the others come first, and the search is no longer complete.
#ifndef CSIM_SCHEDULER_TURNS_H_
#define CSIM_SCHEDULER_TURNS_H_

#include <cstdint>

#include "scheduler/strategy.h"
#include "scheduler/tasks.h"

namespace csim {

// What the running task has done lately, in one execution.
class Turns {
 public:
  static constexpr uint32_t kMaxRun = 10000;
  static constexpr uint32_t kMaxLocalRun = 200;

  // The choice made at `point`, before it is performed.
  void Note(const SchedulingPoint& point, Choice choice) {
    const TaskState& task = point.machine.task(choice.task);
    const bool goes_on = choice.task == point.current;
    run_ = goes_on && run_ < kMaxRun ? run_ + 1 : 1;
    local_run_ = !IsLocal(task) ? 0 : goes_on ? local_run_ + 1 : 1;
    yielded_ = IsYield(task.pending.kind);
    timed_out_ = choice.alternative == kTimeout && task.pending.deadline != kNoDeadline;
  }

  bool yielded() const { return yielded_; }
  bool others_first() const { return yielded_ || timed_out_ || run_ >= kMaxRun; }
  bool tired() const { return local_run_ >= kMaxLocalRun; }

 private:
  uint32_t run_ = 0;        // operations in a row by the running task
  uint32_t local_run_ = 0;  // of these, the last ones that were local
  bool yielded_ = false;    // the last one was a yield or sleep
  bool timed_out_ = false;  // the last one was a timeout
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_TURNS_H_
