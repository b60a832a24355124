// Which events of an execution come before which in every execution of its Mazurkiewicz trace.
//
// A program may ask whether what one task did at some point is bound to come before what another did
// (sim/abi: csim_order_before). The order of the one execution at hand says too much: a reduction runs
// one execution per trace, and independent events may be in any order in the others. So this keeps the
// events with the dependence relation that dpor reduces by (dpor_step.h), and answers from that.
//
// Nothing is kept before Start, and the order is worked out when somebody asks.
#ifndef CSIM_SCHEDULER_EVENT_ORDER_H_
#define CSIM_SCHEDULER_EVENT_ORDER_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/machine.h"
#include "model/vector_clock.h"
#include "scheduler/dpor_step.h"

namespace csim {

class EventOrder {
 public:
  // A point of a task: behind so many of its events since Start.
  struct Mark {
    TaskId task = kMainTask;
    uint32_t events = 0;
  };

  explicit EventOrder(std::pmr::memory_resource* memory)
      : memory_(memory), events_(memory), last_(memory), woken_by_(memory), last_on_(memory) {}

  void BeginExecution();
  void Start() { started_ = true; }
  bool started() const { return started_; }

  // The task is about to perform its pending operation in this way. REQUIRES: started().
  void Add(const Machine& machine, TaskId task, uint32_t alternative);
  // Where the task is.
  Mark MarkOf(TaskId task) const;
  // Whether something that the task of `a` did behind `a` comes before `b` in all executions of the
  // trace. The marks are of different tasks.
  bool Before(const Machine& machine, Mark a, Mark b);

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Event {
    explicit Event(std::pmr::memory_resource* memory) : clock(memory) {}
    TaskId task = kMainTask;
    dpor::Step step;
    Operation operation;
    bool in_atomic = false;        // in an atomic block of its task
    uint32_t number = 0;           // among the events of its task, from 1
    uint32_t task_before = kNone;  // event of its task before it
    uint32_t woken_by = kNone;     // event that it needs
    uint32_t ended = kNone;        // last event of the task whose end it saw
    uint32_t previous = kNone;     // event on the same object before it; known with the clock
    uint32_t previous2 = kNone;
    VectorClock clock;  // events that come before it, itself included: per task, how many
  };

  void Complete(const Machine& machine, TaskId task);
  void LearnWakings(const Machine& machine);
  uint32_t& LastOf(TaskId task);
  uint32_t& LastOn(ObjectId object);
  void ComputeClock(uint32_t index);
  void SpreadOverBlock(uint32_t index);
  void JoinOn(Event& event, ObjectId object);
  void JoinAll(Event& event, uint32_t index);
  uint32_t Link(ObjectId object, uint32_t index);
  bool IsIn(uint32_t index, const VectorClock& clock) const {
    return clock.Get(Index(events_[index].task)) >= events_[index].number;
  }

  std::pmr::memory_resource* memory_;
  bool started_ = false;
  std::pmr::vector<Event> events_;  // the first count_ are of this execution; memory is kept
  uint32_t count_ = 0;
  uint32_t clocks_ = 0;              // so many have their clock
  bool odd_ = false;                 // one of those is dependent with more than its objects tell
  bool may_wake_ = false;            // the last event may have woken somebody
  std::pmr::vector<uint32_t> last_;  // by TaskId
  std::pmr::vector<uint32_t> woken_by_;  // by TaskId: the event that its pending operation needs
  std::pmr::vector<uint32_t> last_on_;   // by ObjectId, among those with a clock
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_EVENT_ORDER_H_
