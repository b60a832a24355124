// A copy of the machine on which parts of a finished execution are done in another order: whether,
// and in which ways, an operation would be enabled there.
#ifndef CSIM_SCHEDULER_DPOR_REPLICA_H_
#define CSIM_SCHEDULER_DPOR_REPLICA_H_

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "model/machine.h"

namespace csim::dpor {

// An event as the machine saw it.
struct Performed {
  TaskId task = kNoTask;
  uint32_t alternative = 0;
  bool cancelable = false;
  Operation operation;
};

class Replica {
 public:
  explicit Replica(std::pmr::memory_resource* memory)
      : machine_(memory), probe_(memory), initial_(memory), next_(memory), events_of_(memory) {}

  // The execution has come to its event `number`, which is about to be performed (0: the tasks that
  // are there are there from the start).
  void Note(const Machine& machine, const Operation& operation, size_t number);

  // `final` is the machine as the execution `events` left it. The ways in which `task` could go on
  // after the events of these numbers, in order.
  Alternatives EnabledAfter(const Machine& final, std::span<const Performed> events,
                            std::span<const uint32_t> numbers, TaskId task);

  // As Machine::EnabledOf for `task` with this pending operation, which waits for one object only, if
  // that is in this state.
  Alternatives EnabledIn(const MachineOptions& options, const ObjectState& state,
                         const Operation& operation, TaskId task);

 private:
  struct First {  // state of an object before the first event on it
    ObjectState state;
    size_t event = ~size_t{0};
  };

  void NoteObject(const Machine& machine, ObjectId object, size_t number);
  uint64_t Before(const Machine& final, TaskId task) const;
  // The ends that `task` opened after its operations number `first` to `last`.
  void RepeatChanges(const Machine& final, TaskId task, uint64_t first, uint64_t last);
  void Reset(const Machine& final, std::span<const Performed> events);
  // Lets `task` arrive at what it did next in the execution.
  void Arrive(const Machine& final, std::span<const Performed> events, TaskId task);

  Machine machine_;
  Machine probe_;                    // two tasks and one object
  std::pmr::vector<First> initial_;  // by ObjectId
  uint32_t tasks_at_start_ = 1;
  std::pmr::vector<uint32_t> next_;                         // by TaskId: in events_of_
  std::pmr::vector<std::pmr::vector<uint32_t>> events_of_;  // by TaskId
};

}  // namespace csim::dpor

#endif  // CSIM_SCHEDULER_DPOR_REPLICA_H_
