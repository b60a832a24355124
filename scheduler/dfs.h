// Depth-first search: every choice at every scheduling point, one execution after another.
//
// Complete: each sequence of choices is run exactly once, but for one reduction. An enabled kLocal
// operation is independent of all that other tasks can do from then on, and stays enabled and the
// same until it is done; so it is done at once, and only its own alternatives are branched over.
// What is lost are executions that differ from one that is run in the place of such operations
// only. (A task that does nothing but local operations for ever, say sleep, would be alone in the
// world: after Turns::kMaxLocalRun of them in a row the others come first, and the search is no longer
// complete.)
//
// Order: the running task goes on first, so that the first executions have few switches; unless it
// has just yielded, slept or timed out, or done Turns::kMaxRun operations in a row: then the next task
// does, so that waiting loops make progress.
//
// Preemption bound (Musuvathi and Qadeer, PLDI 2007): taking the turn from an enabled task costs 1,
// but not if it has just yielded or slept. At the bound only the running task is offered. Local
// operations are then done at once by the running task only, which never costs a preemption that
// the original order did not.
//
// Memory: 20 bytes per run of choices on the path of the current execution.
#ifndef CSIM_SCHEDULER_DFS_H_
#define CSIM_SCHEDULER_DFS_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "scheduler/strategy.h"
#include "scheduler/turns.h"

namespace csim {

class DfsStrategy final : public Strategy {
 public:
  static constexpr uint32_t kNoBound = ~uint32_t{0};

  DfsStrategy(std::pmr::memory_resource* memory, uint32_t preemption_bound = kNoBound)
      : bound_(preemption_bound), path_(memory) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome outcome) override;
  bool complete() const override { return exhausted_ && !bounded_ && !broken_; }
  bool bounded() const override { return bounded_; }
  void Restart() override;
  bool Save(StateWriter& writer) const override;
  bool Load(StateReader& reader) override;

  // ---- For a search that raises the bound step by step (preemption_bounded.h) ----
  // Begins anew under another bound. To be called between executions.
  void RestartUnder(uint32_t preemption_bound);
  // True if the bound has hidden something since.
  bool hid_preemptions() const { return hid_preemptions_; }
  // At a point, before Choose: true if no execution has come to it before.
  bool AtNewPoint() const { return segment_ == path_.size(); }
  // At the point where this execution leaves the one before: the choice that it is going to make, and
  // whether that is a preemption. kNoTask elsewhere.
  Choice NextNew(const SchedulingPoint& point, bool* preempts) const;
  // Takes that choice for explored; false if it was the last one at this point.
  bool SkipNew();
  // Of the current execution, so far.
  uint32_t preemptions() const { return preemptions_; }
  const Turns& turns() const { return turns_; }

 private:
  // `run` equal choices, of which only the first had other options.
  struct Segment {
    uint32_t run = 1;
    uint32_t option = 0;   // number of the chosen option, in the order of Select
    uint32_t options = 1;  // how many there were
    uint32_t alternative = 0;
    uint16_t task = 0;
    bool preempts = false;
    bool open = false;  // of the last segment only: `option` is new, its choice not known yet
  };

  // What there is to choose from at a point, and the option asked for.
  struct Selection {
    uint32_t count = 0;
    Choice choice;
    bool preempts = false;
    bool left_out = false;        // the preemption bound or Turns::kMaxLocalRun hid something
    bool hid_preemption = false;  // the preemption bound did
  };

  Selection Select(const SchedulingPoint& point, uint32_t option) const;
  void Offer(Selection& selection, TaskId task, Alternatives alternatives, uint32_t option) const;
  // The choice of the path at the cursor; moves the cursor.
  Choice Follow(const SchedulingPoint& point);
  bool Extend(const SchedulingPoint& point);
  void Close(Segment& segment, const Selection& selection);
  void CutToCursor();

  uint32_t bound_;
  std::pmr::vector<Segment> path_;

  // Of the current execution: where in the path it is (segment and choices done of it) ...
  size_t segment_ = 0;
  uint32_t done_ = 0;
  // ... and what the order of options depends on, a function of the choices so far.
  uint32_t preemptions_ = 0;
  Turns turns_;

  bool exhausted_ = false;
  bool bounded_ = false;
  bool hid_preemptions_ = false;
  bool broken_ = false;  // an execution did not follow its path: the program is not deterministic
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_DFS_H_
