// A number for the Mazurkiewicz trace of an execution so far: equal for orders of the same operations
// that differ in the order of independent ones only.
//
// Each operation has a hash of what it is, of the operation of its task before it and of all earlier
// operations that it depends on; the number is their sum. So two prefixes with the same number have led
// to the same state, but for a collision of 64-bit hashes. Where the dependence relation is more than a
// clash on an object (spinning, cancelling, looking for the end of a task, time in virtual time), more
// is taken as dependent than need be: then equal traces may get different numbers, which costs their
// users repetition only.
#ifndef CSIM_SCHEDULER_TRACE_HASH_H_
#define CSIM_SCHEDULER_TRACE_HASH_H_

#include <cstdint>
#include <memory_resource>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/machine.h"
#include "model/schedule.h"
#include "scheduler/stable_keys.h"

namespace csim {

class TraceHash {
 public:
  explicit TraceHash(std::pmr::memory_resource* memory)
      : keys_(memory), numbers_(memory), chains_(memory), first_(memory), classes_(memory) {}

  void BeginExecution();
  // The choice is about to be performed.
  void Add(const Machine& machine, Choice choice);
  uint64_t value() const { return value_; }
  // What it would be after this choice.
  uint64_t ValueAfter(const Machine& machine, Choice choice) {
    return value_ + StepOf(machine, choice).hash;
  }
  // The same in every execution. REQUIRES: the task was there at the last See or Add.
  uint64_t KeyOf(TaskId task) const { return keys_.Of(task); }
  // Learns the tasks that are new.
  void See(const Machine& machine) { keys_.See(machine); }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr uint64_t kNoKey = 0;

  // Operations that treat an object alike: any other operation depends on all of them or on none.
  struct Class {
    Footprint footprint;
    uint32_t bytes;
    uint64_t sum;
    uint32_t next;  // class of the object; kNone
  };

  // An operation about to be performed, as far as it matters here.
  struct Step {
    uint64_t object, object2;  // keys; kNoKey
    Footprint footprint, footprint2;
    uint32_t bytes;
    std::span<const ObjectUse> uses;  // instead of the objects, if there are any
    bool local;                       // nobody else can notice it
    bool global;                      // its order to everything that is not local matters
    bool writes;                      // may end a spin
    bool narrow, wide;                // spins itself
    uint64_t hash;
  };

  Step StepOf(const Machine& machine, Choice choice);
  // Of all the operations before it that it depends on.
  uint64_t SumBefore(const Machine& machine, const Step& step);
  uint32_t& FirstClassOf(uint64_t object);
  // What an operation that treats the object like this depends on.
  uint64_t SumOn(uint64_t object, Footprint footprint, uint32_t bytes);
  void AddTo(uint64_t object, Footprint footprint, uint32_t bytes, uint64_t hash);

  StableKeys keys_;
  std::pmr::unordered_map<uint64_t, uint32_t> numbers_;  // of objects by key, for all executions
  uint64_t value_ = 0;
  uint64_t shared_ = 0;                // sum over all operations that others can notice
  uint64_t global_ = 0;                // over those that everything depends on
  uint64_t writes_ = 0;                // over those that may end a spin
  uint64_t wide_spins_ = 0;            // over those that any write may end
  std::pmr::vector<uint64_t> chains_;  // by TaskId: hash of its last operation; 0: none
  std::pmr::vector<uint32_t> first_;   // first class of an object, by its number
  std::pmr::vector<Class> classes_;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_TRACE_HASH_H_
