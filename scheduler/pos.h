// POS, partial order sampling (Yuan, Yang, Gu, CAV 2018).
//
// Each pending operation gets a random score; the enabled one of the highest score goes next. Afterwards
// the pending operations that are dependent with it draw anew. So each order of dependent operations
// has a fair chance, however many independent ones lie in between; a plain random walk favours those
// that keep many tasks enabled.
#ifndef CSIM_SCHEDULER_POS_H_
#define CSIM_SCHEDULER_POS_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "scheduler/generator.h"
#include "scheduler/sampling.h"

namespace csim {

class PosStrategy final : public SamplingStrategy {
 public:
  PosStrategy(std::pmr::memory_resource* memory, uint64_t seed, uint64_t executions)
      : SamplingStrategy(seed, executions), scores_(memory) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;

 private:
  static constexpr uint64_t kUndrawn = 0;

  uint64_t Draw() { return generator_.Next() | 1; }
  void DrawDependentAnew(const Machine& machine, TaskId chosen);

  Generator generator_;
  std::pmr::vector<uint64_t> scores_;  // by task, of its pending operation
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_POS_H_
