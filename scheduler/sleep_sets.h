// Depth-first search with sleep sets: every Mazurkiewicz trace, each run to its end exactly once.
//
// Godefroid (LNCS 1032, 1996): a choice that was explored at a point sleeps in the branches explored
// after it, until something dependent with it is done; whoever sleeps is not chosen. Executions that
// would only repeat a trace end early, at a point where all who could go on sleep (Choose then gives
// kRedundant); their number is what an optimal reduction would save.
//
// Departs from the book in one thing: an enabled kLocal operation is done at once without branching,
// as in dfs.h. Order of exploration as in dfs.h too.
//
// A join that looks whether a task has ended (try, timed) depends on every operation of that task,
// since any may be its last: the dependence relation does not know that, this search does.
//
// Memory: the choices that are open on the path of the current execution.
#ifndef CSIM_SCHEDULER_SLEEP_SETS_H_
#define CSIM_SCHEDULER_SLEEP_SETS_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "scheduler/strategy.h"
#include "scheduler/turns.h"

namespace csim {

class SleepSetStrategy final : public Strategy {
 public:
  explicit SleepSetStrategy(std::pmr::memory_resource* memory)
      : path_(memory), options_(memory), sleep_(memory) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome outcome) override;
  bool complete() const override { return exhausted_ && !bounded_ && !broken_; }
  bool bounded() const override { return bounded_; }
  void Restart() override;
  bool Save(StateWriter& writer) const override;
  bool Load(StateReader& reader) override;

 private:
  struct Branch {  // a point of the path with several options
    uint32_t options = 0;
    uint32_t chosen = 0;  // the options before it are explored
  };

  void CollectOptions(const SchedulingPoint& point);
  bool Sleeps(Choice choice) const;
  void UpdateSleep(const Machine& machine, uint32_t explored, Choice choice);

  std::pmr::vector<Branch> path_;
  std::pmr::vector<Choice> options_;  // at the present point, in order, without sleepers
  std::pmr::vector<Choice> sleep_;    // at the present point
  size_t level_ = 0;                  // branches of the path passed in this execution
  Turns turns_;
  bool exhausted_ = false;
  bool bounded_ = false;
  bool broken_ = false;  // an execution did not follow its path: the program is not deterministic
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_SLEEP_SETS_H_
