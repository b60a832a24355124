// Optimal dynamic partial order reduction: each Mazurkiewicz trace once, nothing in vain.
//
// Abdulla, Aronis, Jonsson, Sagonas, "Source sets" (JACM 2017): Optimal-DPOR with wakeup trees.
// After each execution its races are looked for: two dependent events e before e' of different
// tasks where e' does not need e. What was done after e without needing it, followed by e', is a
// sequence that leads to another trace; it is put into the wakeup tree of the point before e,
// unless a step that is asleep there, or a sequence that is already in the tree, covers it.
//
// Departs from the paper in this:
// - A step is a task and an alternative. Alternatives of one task conflict; they are put into the
// tree
//   as soon as the point is reached.
// - All pairs of dependent events are looked at, not only neighbours in happens-before: what lies
//   between two locks is an unlock. Whether e' is enabled earlier, and in which ways, is found out
//   on a copy of the machine (dpor_replica.h) if the kind of operation leaves it open.
// - The operations before which tasks stand at the end, blocked or not, take part as e'.
// - An enabled kLocal operation is done at once, as in dfs.h.
// - The sequence ends with e': later events are left to the executions that it leads to.
//
// In virtual time a timeout is dependent with everything, since it happens when nobody else can go
// on: that is finer than need be, and some traces are run more than once.
//
// An execution that is cut short by its last event (a crash, the step limit) ends as if that event
// were dependent with everything. That may cost redundant executions.
//
// Memory: the path of the current execution with its clocks and sleep sets, and the wakeup trees
// along it.
#ifndef CSIM_SCHEDULER_DPOR_H_
#define CSIM_SCHEDULER_DPOR_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/vector_clock.h"
#include "scheduler/dpor_names.h"
#include "scheduler/dpor_replica.h"
#include "scheduler/dpor_step.h"
#include "scheduler/dpor_wakeup_tree.h"
#include "scheduler/strategy.h"
#include "scheduler/turns.h"

namespace csim {

class DporStrategy final : public Strategy {
 public:
  explicit DporStrategy(std::pmr::memory_resource* memory);

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome outcome) override;
  bool complete() const override { return exhausted_ && !bounded_ && !broken_; }
  bool bounded() const override { return bounded_; }
  void Restart() override;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  // An event of the path, and what is known of the point before it.
  struct Event {
    explicit Event(std::pmr::memory_resource* memory)
        : needs(memory), clock(memory), sleep(memory) {}

    dpor::Step step;
    bool in_atomic = false;  // in an atomic block of its own task
    uint32_t number = 0;     // among the events of its task, from 1
    VectorClock needs;       // events without which it could not be: per task, how many
    VectorClock clock;       // events that happen before it, itself included
    std::pmr::vector<dpor::Step> sleep;
    dpor::WakeupTrees::Tree branches = dpor::WakeupTrees::kEmpty;  // still to explore here
  };

  struct Waking {  // of a task that waited for a condition
    TaskId task = kNoTask;
    uint32_t wait = 0;  // events
    uint32_t waker = 0;
  };

  // ---- Choosing ----
  void LearnEffects(const Machine& machine);
  Choice FollowTree(const Machine& machine);
  Choice ChooseFreely(const SchedulingPoint& point);
  bool Sleeps(const Event& event, const Machine& machine, Choice choice) const;
  void OpenPoint();
  void Extend(const Machine& machine, Choice choice);
  void AddAlternatives(const Machine& machine, Choice choice);

  // ---- Races ----
  dpor::Step StepOf(const Machine& machine, TaskId task, uint32_t alternative);
  void ComputeNeeds(const Machine& machine, TaskId task, VectorClock* needs);
  void JoinTarget(const Machine& machine, const TaskState& task, VectorClock* clock);
  void ComputeClock(Event& event, uint32_t index);
  void AnalyseRaces(bool cut);
  // Of a later event, at `end` in the path, that is `step` and needs `needs`.
  void AnalyseRacesOf(const dpor::Step& step, TaskId task, const VectorClock& needs, uint32_t end,
                      const Operation& pending, bool cancelable);
  void Reverse(uint32_t first, dpor::Step step, TaskId task, uint32_t end, const Operation& pending,
               bool cancelable);
  void AnalyseRacesOfWait(const Waking& waking);
  void TryTimeout(uint32_t index);
  void InsertAt(uint32_t index);
  bool SpinEnds(const dpor::Step& step, uint32_t after) const;
  bool HappensBefore(uint32_t index, const VectorClock& clock) const {
    return clock.Get(path_[index].step.task) >= path_[index].number;
  }

  std::pmr::memory_resource* memory_;
  dpor::Names names_;
  dpor::Replica replica_;
  dpor::WakeupTrees trees_;

  std::pmr::vector<Event> path_;  // the first length_ are of this execution; memory is kept
  std::pmr::vector<dpor::Performed> performed_;  // the same, as the machine saw them
  uint32_t length_ = 0;
  uint32_t prefix_ = 0;    // so many events are given, the point after them is known
  bool reopened_ = false;  // that point was there before
  dpor::WakeupTrees::Tree below_ = dpor::WakeupTrees::kEmpty;  // to explore after the path

  // Of the current execution.
  std::pmr::vector<uint32_t> last_event_;  // by TaskId; kNone
  std::pmr::vector<uint32_t> woken_by_;    // by TaskId: event that its pending operation needs
  std::pmr::vector<Waking> wakings_;       // behind the given events
  const Machine* machine_ = nullptr;       // as it ended
  Turns turns_;
  bool redundant_ = false;

  // Scratch.
  std::pmr::vector<dpor::Step> sequence_;
  std::pmr::vector<dpor::Step> attempt_;
  std::pmr::vector<uint32_t> kept_;
  VectorClock needs_;

  bool exhausted_ = false;
  bool bounded_ = false;
  bool broken_ = false;  // an execution did not follow its path: the program is not deterministic
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_DPOR_H_
