// PCT, probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010).
//
// Each task gets a random priority, and the enabled task of the highest priority goes next. At depth - 1
// random steps of the execution the priority of the task that is about to go drops below all others. A
// bug that needs the order of `depth` operations is found by an execution with a probability of at
// least 1 / (n * k^(depth - 1)), n tasks, k steps. k is the largest number of steps of the executions
// that teach (sampling.h); the first of them has no change points.
//
// A task that yields, sleeps or runs for very long without others drops below all others too, so that
// no loop starves the rest; that is not in the paper, whose bound holds for programs without.
#ifndef CSIM_SCHEDULER_PCT_H_
#define CSIM_SCHEDULER_PCT_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "scheduler/generator.h"
#include "scheduler/sampling.h"

namespace csim {

class PctStrategy final : public SamplingStrategy {
 public:
  static constexpr uint32_t kDefaultDepth = 3;

  PctStrategy(std::pmr::memory_resource* memory, uint64_t seed, uint64_t executions, uint32_t depth)
      : SamplingStrategy(seed, executions), depth_(depth), priorities_(memory), changes_(memory) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;

 private:
  static constexpr uint32_t kMaxRun = 10000;

  void Learn(Outcome outcome) override;
  void Forget() override { max_steps_ = 0; }
  void SaveLessons(StateWriter& writer) const override { writer.Number(max_steps_); }
  bool LoadLessons(StateReader& reader) override {
    max_steps_ = reader.Number();
    return reader.ok();
  }

  void MeetNewTasks(const Machine& machine);
  TaskId Highest(const Machine& machine, Alternatives* alternatives) const;
  void Lower(TaskId task) { priorities_[Index(task)] = --lowest_; }

  uint32_t depth_;
  uint64_t max_steps_ = 0;  // of the executions that teach, so far
  uint64_t steps_ = 0;      // of this execution
  uint32_t run_ = 0;        // steps of the same task in a row
  int64_t lowest_ = 0;
  Generator generator_;
  std::pmr::vector<int64_t> priorities_;  // by task; greater goes first
  std::pmr::vector<uint64_t> changes_;    // steps before which a priority drops
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_PCT_H_
