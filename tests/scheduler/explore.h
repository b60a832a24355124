// Runs a model program under a strategy until it wants no more executions.
#ifndef CSIM_TESTS_SCHEDULER_EXPLORE_H_
#define CSIM_TESTS_SCHEDULER_EXPLORE_H_

#include <algorithm>
#include <memory_resource>
#include <set>
#include <string>
#include <vector>

#include "tests/scheduler/reference.h"

namespace csim {

struct Exploration {
  std::vector<ChoiceList> choices;  // in order of execution, without the redundant ones
  size_t redundant = 0;             // executions that the strategy ended early as repetitions
  std::set<std::string> results;
  std::set<std::string> traces;

  std::vector<ChoiceList> Sorted() const {
    std::vector<ChoiceList> sorted = choices;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }
};

inline Exploration Explore(const ModelProgram& program, Strategy& strategy,
                           uint64_t max_steps = ~uint64_t{0},
                           std::pmr::memory_resource* memory = std::pmr::new_delete_resource(),
                           bool traces = true) {
  Exploration all;
  ModelRun run(program, memory);
  bool more = true;
  while (more) {
    Outcome outcome = run.Run(strategy, max_steps);
    if (outcome == Outcome::kRedundant) {
      ++all.redundant;
      more = strategy.FinishExecution(outcome);
      continue;
    }
    all.choices.push_back(ListOf(run.choices));
    all.results.insert(run.Result());
    if (traces) all.traces.insert(run.Trace());
    more = strategy.FinishExecution(outcome);
  }
  return all;
}

}  // namespace csim

#endif  // CSIM_TESTS_SCHEDULER_EXPLORE_H_
