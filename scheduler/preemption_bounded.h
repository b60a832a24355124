// Depth-first search under rising preemption bounds: every schedule with k preemptions before any with
// k + 1, so that a bug is found with as few as it needs.
//
// Musuvathi and Qadeer, "Iterative context bounding" (PLDI 2007); what counts as a preemption: dfs.h.
// Departs from it in this: the schedules of a bound are found by a search of its own, in which those of
// the bounds before are run again (there are few of them beside those that are new); and a point is not
// explored if the same trace was there before (trace_hash.h) with the same task running and at least
// as many preemptions left. Such executions end early, as redundant.
//
// Complete once a bound has hidden nothing: as sure as 64-bit hashes of different traces differ.
//
// Memory: the path, and up to 16 MB for what was explored. What is forgotten is explored again.
#ifndef CSIM_SCHEDULER_PREEMPTION_BOUNDED_H_
#define CSIM_SCHEDULER_PREEMPTION_BOUNDED_H_

#include <cstdint>
#include <memory_resource>

#include "scheduler/dfs.h"
#include "scheduler/explored_states.h"
#include "scheduler/strategy.h"
#include "scheduler/trace_hash.h"

namespace csim {

class PreemptionBoundedStrategy final : public Strategy {
 public:
  // No bound above `highest_bound` is tried.
  explicit PreemptionBoundedStrategy(std::pmr::memory_resource* memory,
                                     uint32_t highest_bound = DfsStrategy::kNoBound,
                                     size_t most_states = ExploredStates::kMostEntries)
      : highest_(highest_bound), dfs_(memory, 0), trace_(memory), explored_(memory, most_states) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome outcome) override;
  bool complete() const override { return finished_ && dfs_.complete(); }
  bool bounded() const override { return finished_ && dfs_.bounded(); }
  void Restart() override;
  // What was explored is not saved: some of it is run again.
  bool Save(StateWriter& writer) const override;
  bool Load(StateReader& reader) override;

  // The present bound: all schedules with fewer preemptions were run.
  uint32_t bound() const { return bound_; }

 private:
  bool WasExplored(const SchedulingPoint& point);
  bool FindNew(const SchedulingPoint& point);

  uint32_t highest_;
  uint32_t bound_ = 0;
  bool finished_ = false;
  DfsStrategy dfs_;
  TraceHash trace_;  // of the present execution
  ExploredStates explored_;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_PREEMPTION_BOUNDED_H_
