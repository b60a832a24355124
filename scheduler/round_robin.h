// Round robin: after each operation the next enabled task in order of creation, in its first
// alternative. One execution.
#ifndef CSIM_SCHEDULER_ROUND_ROBIN_H_
#define CSIM_SCHEDULER_ROUND_ROBIN_H_

#include "scheduler/strategy.h"

namespace csim {

class RoundRobinStrategy final : public Strategy {
 public:
  void BeginExecution() override {}
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome) override { return false; }
  bool complete() const override { return false; }
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_ROUND_ROBIN_H_
