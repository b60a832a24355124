#include "scheduler/random.h"

#include "scheduler/tasks.h"

namespace csim {

void RandomStrategy::BeginExecution() { generator_ = NextGenerator(); }

Choice RandomStrategy::Choose(const SchedulingPoint& point) {
  enabled_.clear();
  ForEachEnabled(point.machine, 0, [&](TaskId task, Alternatives alternatives) {
    enabled_.push_back({task, alternatives});
    return false;
  });
  if (enabled_.empty()) return {};
  const auto [task, alternatives] =
      enabled_[generator_.Below(static_cast<uint32_t>(enabled_.size()))];
  const uint32_t number = alternatives.count == 1 ? 0 : generator_.Below(alternatives.count);
  return {task, alternatives.first + number};
}

}  // namespace csim
