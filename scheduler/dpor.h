// Optimal dynamic partial order reduction: each Mazurkiewicz trace once, nothing in vain.
//
// Abdulla, Aronis, Jonsson, Sagonas, "Source sets" (JACM 2017): Optimal-DPOR with wakeup trees.
// After each execution its races are looked for: two dependent events e before e' of different
// tasks where e' does not need e. What was done after e without needing it, followed by e', is a
// sequence that leads to another trace; it is put into the wakeup tree of the point before e,
// unless a step that is asleep there, or a sequence that is already in the tree, covers it.
//
// Departs from the paper in this:
// - A step is a task and an alternative. Alternatives of one task conflict like races: each other one,
//   followed by what did not need the one that was taken, leads to another trace.
// - A race need not be between neighbours in happens-before: what lies between two locks is an
//   unlock. But an event that happens before another one with which e' was exchanged is left to the
//   execution that comes of that exchange.
// - Whether e' is enabled earlier, and in which ways, is found out on a copy of its object or of the
//   machine (dpor_replica.h) if the kind of operation leaves it open.
// - What an event is dependent with is known when it has been done: a compare-exchange that failed is
//   a read. Whether it would fail earlier follows from what the event that it is exchanged with found.
// - The operations before which tasks stand at the end, blocked or not, take part as e'.
// - An enabled kLocal operation is done at once, as in dfs.h.
// - The sequence ends with e': later events are left to the executions that it leads to.
//
// In virtual time a timeout is dependent with everything, since it happens when nobody else can go
// on: that is finer than need be, and some traces are run more than once.
//
// Whether the exit of a process interrupts its parent depends on the parent's handler for SIGCHLD. Such an
// exit that is tried before the handler is installed is taken for what it was after that, and may turn out
// to be in vain.
//
// An execution that is cut short by its last event (a crash, the step limit) ends as if that event
// were dependent with everything. That may cost redundant executions.
//
// Cost: an event is compared with those on its objects only, back to one that all earlier ones happen
// before; given events (the path that an execution shares with the one before) are not looked at
// again.
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
#include "scheduler/dpor_state.h"
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
  bool GivesUpVainRounds() const override { return true; }
  void Restart() override;
  // As a subtree (dpor_state.h).
  bool Save(StateWriter& out) const override;
  bool Load(StateReader& in) override;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  // As much as a subtree keeps for others before it is handed back.
  static constexpr size_t kMostFoundAbove = 256;

  // An event of the path, and what is known of the point before it.
  struct Event {
    explicit Event(std::pmr::memory_resource* memory)
        : previous(memory), needs(memory), clock(memory), sleep(memory) {}

    dpor::Step step;
    bool in_atomic = false;               // in an atomic block of its own task
    bool after_odd = false;               // an odd event is before it on the path
    Alternatives ways;                    // in which it could have been done
    uint32_t number = 0;                  // among the events of its task, from 1
    std::pmr::vector<uint32_t> previous;  // on each of its objects: the event before it
    uint64_t found = 0;                   // by a memory operation
    uint64_t left = 0;
    ObjectState before;   // the object as it was
    ObjectState before2;  // the second one
    VectorClock needs;    // events without which it could not be: per task, how many
    VectorClock clock;    // events that happen before it, itself included
    std::pmr::vector<dpor::Step> sleep;
    dpor::WakeupTrees::Tree branches = dpor::WakeupTrees::kEmpty;  // still to explore here
  };

  struct Waking {  // of a task that waited for a condition
    TaskId task = kNoTask;
    uint32_t wait = 0;  // events
    uint32_t waker = 0;
  };

  // An event, or an operation before which a task stands at the end, that might come earlier.
  struct Later {
    dpor::Step step;
    TaskId task;
    const VectorClock* needs;
    uint32_t end;  // its place in the path
    const Operation* operation;
    bool cancelable;
    bool after_odd;       // an odd event is before it on the path
    bool pseudo = false;  // in place of another event: where its objects were used last is unknown
  };

  // ---- Choosing (dpor.cc) ----
  Choice Given(const Machine& machine);
  void Complete(const Machine& machine);
  void LearnWakings(const Machine& machine);
  Choice FollowTree(const SchedulingPoint& point);
  Choice ChooseFreely(const SchedulingPoint& point);
  Choice ChooseLocal(const SchedulingPoint& point, bool* tired);
  bool Sleeps(const Event& event, Choice choice) const;
  void OpenPoint();
  void MakeRoom();
  void Describe(const Machine& machine, Choice choice);
  dpor::Step StepOf(const Machine& machine, TaskId task, uint32_t alternative);
  void Link(uint32_t index);
  uint32_t LastOn(ObjectId object) const;
  uint32_t PreviousOn(uint32_t index, ObjectId object) const;
  bool IsOdd(const dpor::Step& step) const;
  void ComputeNeeds(const Machine& machine, TaskId task, VectorClock* needs);
  void JoinTarget(const Machine& machine, ObjectId thread, VectorClock* clock);
  void ComputeClock(Event& event, uint32_t index);
  void JoinOn(Event& event, ObjectId object);

  // ---- Races (dpor_races.cc) ----
  void AnalyseRaces(bool cut);
  void AnalysePending(const Machine& machine);
  void AnalysePendingOf(const Machine& machine, TaskId task);
  void AnalyseRacesOf(const Later& later);
  void Collect(const Later& later);
  void CollectOn(const Later& later, ObjectId object, uint32_t from);
  void CollectAll(const Later& later);
  bool Precedes(uint32_t index, const Later& later) const;
  bool Reverse(uint32_t first, const Later& later);
  Alternatives EnabledAfterKept(uint32_t first, const Later& later);
  const ObjectState* StateBefore(uint32_t first, const Later& later) const;
  void ForgetOutcome(uint32_t first, const Later& later, dpor::Step* step) const;
  uint64_t ValueBefore(uint32_t first, const Later& later) const;
  void AnalyseRacesOfWait(const Waking& waking);
  void TryOtherWays(uint32_t index);
  void TryTimeout(uint32_t index);
  void InsertAt(uint32_t index);
  void Keep(uint32_t index);
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
  uint32_t root_ = 0;      // points before it are not ours
  bool reopened_ = false;  // the point after the given events was there before
  bool loaded_ = false;    // of the given events only the steps are known
  dpor::WakeupTrees::Tree below_ = dpor::WakeupTrees::kEmpty;  // to explore after the path
  std::pmr::vector<dpor::Sequence> found_above_;  // to explore from points before root_

  // Of the current execution.
  std::pmr::vector<uint32_t> last_event_;  // by TaskId; kNone
  std::pmr::vector<uint32_t> woken_by_;    // by TaskId: event that its pending operation needs
  std::pmr::vector<uint32_t> last_on_;     // by name of an object: the last event on it
  std::pmr::vector<Waking> wakings_;       // behind the given events
  uint32_t completed_ = 0;                 // so many events are known with their effects
  uint32_t odd_events_ = 0;           // of the path: dependent with more than their objects tell
  const Machine* machine_ = nullptr;  // as it ended
  Turns turns_;

  // Scratch.
  std::pmr::vector<dpor::Step> sequence_;
  std::pmr::vector<dpor::Step> attempt_;
  std::pmr::vector<uint32_t> kept_;
  std::pmr::vector<uint32_t> candidates_;
  std::pmr::vector<uint32_t> exchanged_;
  VectorClock needs_;

  bool exhausted_ = false;
  bool bounded_ = false;
  bool broken_ = false;  // an execution did not follow its path: the program is not deterministic
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_DPOR_H_
