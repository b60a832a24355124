// The order of an execution's events with the fewest switches between tasks.
//
// The events are those of an observed execution; every read reads from the same writes, and locks exclude
// (as in feasible_order.h). The search is exact: uniform cost over the states that can be reached, a state being how far each
// task is, who runs, and whose write each byte holds. What counts first is preemptions (switches away from a
// task that could go on), then switches.
#ifndef CSIM_CHECKER_PREDICTION_FEWEST_SWITCHES_H_
#define CSIM_CHECKER_PREDICTION_FEWEST_SWITCHES_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "checker/prediction/feasible_order.h"
#include "checker/prediction/history.h"

namespace csim {

struct SwitchCost {
  uint32_t preemptions = 0;
  uint32_t switches = 0;
  friend auto operator<=>(const SwitchCost&, const SwitchCost&) = default;
};

// How many of its events a task has to have done at the end.
inline constexpr int kAnyNumber = -1;

struct FewestSwitchesResult {
  QueryEnd end = QueryEnd::kGaveUp;
  Order order;  // kFound
  SwitchCost cost;
};

inline constexpr size_t kMostSwitchStates = 100'000;

// `cuts`: by task. Gives up after `most_states`.
FewestSwitchesResult FewestSwitches(const History& history, const std::vector<int>& cuts,
                                    size_t most_states = kMostSwitchStates);

}  // namespace csim

#endif  // CSIM_CHECKER_PREDICTION_FEWEST_SWITCHES_H_
