// Round robin: after each operation the next enabled task in order of creation, in its first
// alternative. One execution.
#ifndef CSIM_SCHEDULER_ROUND_ROBIN_H_
#define CSIM_SCHEDULER_ROUND_ROBIN_H_

#include "scheduler/state.h"
#include "scheduler/strategy.h"

namespace csim {

class RoundRobinStrategy final : public Strategy {
 public:
  void BeginExecution() override {}
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome) override { return false; }
  bool complete() const override { return false; }
  // There is but one execution: nothing to be remembered.
  bool Save(StateWriter&) const override { return true; }
  bool Load(StateReader& reader) override { return reader.AtEnd(); }
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_ROUND_ROBIN_H_
