// Looks whether an execution that is to go round a cycle of states does so, and reports it as a livelock.
//
// Whoever chose the cycle (the strategy, or the trace that is replayed) says where it begins and how long it is. After each
// round the state of the program is compared with what it was a round before. If it is the same, what was done in this
// round can be done again and again; and if in addition everybody who could go on at some time of the round did go on, nobody can say
// that the scheduler keeps it from ending: a livelock. The execution ends there.
#ifndef CSIM_SIM_RUNTIME_CYCLE_WATCH_H_
#define CSIM_SIM_RUNTIME_CYCLE_WATCH_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/machine.h"
#include "model/schedule.h"
#include "scheduler/strategy.h"

namespace csim {

class CycleWatch {
 public:
  explicit CycleWatch(std::pmr::memory_resource* memory) : could_(memory), did_(memory) {}

  // `cycle.length` 0: nothing is looked at.
  void BeginExecution(Cycle cycle);
  bool on() const { return cycle_.length != 0; }
  // Before the choice with this number. Does not return if a round is over that ends where it began.
  void AtPoint(const Machine& machine, uint64_t step, const StateSource& source);
  // The choice that was made there.
  void Chosen(const Machine& machine, const Choice& choice);

 private:
  bool NobodyPassedOver() const;
  void Report(uint64_t begin) const;

  Cycle cycle_;
  StateHash last_;                   // of the beginning of the round
  bool inside_ = false;              // a round was begun
  uint64_t places_ = 0;              // of the round's operations, as a hash
  std::pmr::vector<uint8_t> could_;  // by TaskId: go on at some time of the round
  std::pmr::vector<uint8_t> did_;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_CYCLE_WATCH_H_
