// Uniform random walk: at each point one of the enabled tasks, each as likely as the others, then
// one of its alternatives likewise. An execution is determined by the seed and its number, so that
// it can be repeated alone.
#ifndef CSIM_SCHEDULER_RANDOM_H_
#define CSIM_SCHEDULER_RANDOM_H_

#include <cstdint>
#include <memory_resource>
#include <utility>
#include <vector>

#include "scheduler/generator.h"
#include "scheduler/sampling.h"

namespace csim {

class RandomStrategy final : public SamplingStrategy {
 public:
  // Runs executions number first_execution, first_execution + 1, ... `executions` of them.
  RandomStrategy(std::pmr::memory_resource* memory, uint64_t seed, uint64_t executions,
                 uint64_t first_execution = 0)
      : SamplingStrategy(seed, executions, first_execution), enabled_(memory) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;

 private:
  Generator generator_;
  std::pmr::vector<std::pair<TaskId, Alternatives>> enabled_;  // at the present point
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_RANDOM_H_
