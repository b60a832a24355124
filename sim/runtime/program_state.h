// The whole state of the program under test as a number, for searches that go through states (scheduler/fair_cycles.h).
//
// What a task's code can depend on is its callee-saved registers and its stack, as they were when it came to the operation
// that it stands at (it is on its runtime stack since), its thread-locals, and memory: what differs from the snapshot,
// blocks of the heap that are in use, and the machine's objects. Not in it are things that the program cannot see: our own numbers
// in its locks, free memory, what it has written as output. Only if it has ever looked at a clock does the time count.
//
// Where there is more than that, the state is not known, and Control::state_unknown says why: signals and further processes,
// files, descriptors and mappings, whose state lies with the kernel or elsewhere; a task on a stack that is not its own; much
// memory, which would take too long.
#ifndef CSIM_SIM_RUNTIME_PROGRAM_STATE_H_
#define CSIM_SIM_RUNTIME_PROGRAM_STATE_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/ids.h"
#include "scheduler/machine_state.h"
#include "scheduler/strategy.h"
#include "sim/runtime/entry.h"

namespace csim {

struct Operation;
struct TaskBody;

class ProgramState final : public StateSource {
 public:
  explicit ProgramState(std::pmr::memory_resource* memory) : keys_(memory), stamps_(memory) {}

  void BeginExecution() { keys_.BeginExecution(); }
  // The running task arrives with this operation, by an entry point that has left its stack just now.
  static void Arrive(const Operation& operation);
  // At a scheduling point.
  StateHash State() const override;

 private:
  uint32_t WhyUnknown() const;
  void HideStamps() const;
  void ShowStamps() const;
  static bool AddTask(TaskId task, uint64_t key, Digest* state);
  static void AddMemory(Digest* state);
  static bool AddHeap(Digest* state);

  mutable StableKeys keys_;
  struct Stamp {
    uint32_t* place;
    uint32_t value;
  };
  mutable std::pmr::vector<Stamp> stamps_;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_PROGRAM_STATE_H_
