// How often others can pass a task that waits for a lock.
//
// A task asks for a lock from its last event before the lock operation on (of a lock that queues: from when
// it has queued up), and others pass it by taking the lock after that and before it. In which order the
// events of different tasks came is chance where they are independent; so what is counted is the most that
// any order of the same Mazurkiewicz trace shows: every taking that need not come before the asking, by the
// dependence of operations (model/operation.h), not only by what race detection calls happens-before. A
// partial order reduction, which runs one execution per trace, thus finds the largest number over all
// executions. Readers do not pass readers.
//
// Costs a look at all earlier operations for each, so it is for those who ask for it only, and ends with
// the first kMaxEvents of an execution.
#ifndef CSIM_CHECKER_FAIRNESS_H_
#define CSIM_CHECKER_FAIRNESS_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/machine.h"
#include "model/operation.h"
#include "model/schedule.h"
#include "model/vector_clock.h"

namespace csim {

// A task has got a lock that it asked for.
struct Passing {
  ObjectId lock = kNoObject;
  uint32_t times = 0;    // it was passed
  uint32_t request = 0;  // for Fairness::InOrder
};

class Fairness {
 public:
  static constexpr size_t kMaxEvents = 10000;

  explicit Fairness(std::pmr::memory_resource* memory)
      : memory_(memory),
        events_(memory),
        clocks_(memory),
        tasks_(memory),
        takings_(memory),
        requests_(memory) {}

  void BeginExecution();
  // The task is about to perform its pending operation, in this way.
  void Before(const Machine& machine, TaskId task, uint32_t alternative);
  // It has been performed. True if it took a lock that it had asked for.
  bool After(const Machine& machine, const OpResult& result, Passing* passing);
  // All choices of the execution, in an order of the same trace in which whoever passed the request has
  // done so. False if that cannot be told: there were too many, or several tasks create others.
  bool InOrder(const Machine& machine, uint32_t request, Schedule* schedule);

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Event {
    Operation operation;
    Choice choice;
    uint32_t number = 0;  // of its task, from 1
    bool global = false;  // its order to everything matters
  };
  struct TaskEvents {
    uint32_t last = kNone;      // event
    uint32_t woken_by = kNone;  // event that ended its wait, or created it
    uint32_t request = kNone;   // it waits since
    uint32_t queued = kNone;    // event by which it queued up
  };
  struct Taking {
    ObjectId lock;
    uint32_t event;
    bool shared;
  };

  TaskEvents& Of(TaskId task);
  // Completes the last event, of which some is known only when the task has gone on.
  void Settle(const Machine& machine);
  void ComputeClock(const Machine& machine, uint32_t event);
  void JoinNeeds(const Machine& machine, TaskId task, const Operation& operation,
                 VectorClock* clock);
  void LearnWakings(const Machine& machine, uint32_t by);
  bool Precedes(uint32_t event, const VectorClock& clock) const {
    return clock.Get(Index(events_[event].choice.task)) >= events_[event].number;
  }
  bool SeveralCreate() const;
  static VectorClock& Entry(std::pmr::vector<VectorClock>& list, size_t at,
                            std::pmr::memory_resource* memory);

  std::pmr::memory_resource* memory_;
  std::pmr::vector<Event> events_;
  std::pmr::vector<VectorClock> clocks_;  // of the events; may be longer
  std::pmr::vector<TaskEvents> tasks_;    // by TaskId
  std::pmr::vector<Taking> takings_;
  std::pmr::vector<VectorClock> requests_;  // what comes before each request; may be longer
  uint32_t request_count_ = 0;
  uint32_t settled_ = 0;  // so many events
  bool full_ = false;
};

}  // namespace csim

#endif  // CSIM_CHECKER_FAIRNESS_H_
