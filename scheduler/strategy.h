// The interface of all strategies: what chooses the next task.
//
// As small as it can be: begin an execution, choose at each scheduling point, learn from the
// finished execution and say whether another is wanted. A strategy sees every task with its pending
// operation, the blocked ones too (a partial order reduction that does not see them loses
// deadlocks).
//
// Strategies are pure: no OS call, no clock, no randomness but from their seed. They live in the
// mapping shared by all processes of an exploration, so that they survive a crash of the program:
// all their memory comes from the memory_resource given at construction, and a strategy must stay
// usable if an execution ends at any scheduling point.
#ifndef CSIM_SCHEDULER_STRATEGY_H_
#define CSIM_SCHEDULER_STRATEGY_H_

#include <cstdint>

#include "model/ids.h"
#include "model/machine.h"
#include "model/outcome.h"
#include "model/schedule.h"

namespace csim {

class StateReader;
class StateWriter;

// A number for the whole state of the program under test: all that what follows can depend on. Equal states in two
// moments (of any executions of the same program) have equal numbers.
struct StateHash {
  uint64_t a = 0;
  uint64_t b = 0;
  bool known = false;  // false: nobody can say what the state is; it is equal to no other
  friend bool operator==(const StateHash& x, const StateHash& y) {
    return x.known && y.known && x.a == y.a && x.b == y.b;
  }
};

// Whoever can tell it, at a scheduling point. It takes much longer than a choice.
class StateSource {
 public:
  virtual StateHash State() const = 0;

 protected:
  ~StateSource() = default;
};

// What a strategy sees when it has to choose.
struct SchedulingPoint {
  const Machine& machine;  // tasks, pending operations, objects
  TaskId current;          // the task that ran last (kMainTask at first); it may be blocked or over
  uint64_t step;           // how many operations were performed before this one
  const StateSource* state = nullptr;  // null: nobody knows
};

// What Choose gives when everything that could follow was explored before (the execution ends there).
inline constexpr Choice kRedundant{kNoTask, 1};

class Strategy {
 public:
  virtual ~Strategy() = default;

  // Called before each execution.
  virtual void BeginExecution() = 0;

  // Chooses an enabled task and one of its enabled alternatives.
  // kNoTask if nobody is enabled; a replay also if it cannot follow its schedule.
  // A reduction that has nothing new to do from here returns kRedundant.
  virtual Choice Choose(const SchedulingPoint& point) = 0;

  // Called after each execution; true if another is wanted. False means: the strategy has nothing
  // more to try (complete() says whether that means that everything was explored).
  // The machine of its scheduling points is still as the execution left it.
  virtual bool FinishExecution(Outcome outcome) = 0;

  // True if every execution has been run (as far as the runner let them go: executions that were
  // cut count as run).
  virtual bool complete() const = 0;

  // True if the strategy's own bounds (preemptions, ...) have left something out so far.
  virtual bool bounded() const { return false; }

  // True if a task that has gone round a loop once without any effect may stand still from then on: the
  // strategy explores anyway what happens if it begins that round later. A round that is never done
  // doubles no execution. (Jonsson et al., "Awaiting for Godot", FMCAD 2022.)
  virtual bool GivesUpVainRounds() const { return false; }

  // The cycle that the running execution is to go round, if it was made to show one. Whoever runs it looks whether the
  // state is the same after each round, and ends the execution (Outcome::kLivelock) once it was.
  virtual Cycle cycle() const { return {}; }

  // Begins anew: the program has other scheduling points from now on (a location turned out to be
  // racy), so that what was learned is void. To be called between executions.
  virtual void Restart() {}

  // Between executions: writes all that is needed to go on later (scheduler/state.h). False: this
  // strategy cannot be saved; nothing was written.
  virtual bool Save(StateWriter&) const { return false; }
  // Of a strategy made with the same options that has run no execution yet: goes on where the one that
  // was saved stood. False if that is no state of this strategy, which is then not to be used.
  virtual bool Load(StateReader&) { return false; }
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_STRATEGY_H_
