// All executions of a model program, by brute force: every sequence of choices is run from the
// start. The reference for strategies.
#ifndef CSIM_TESTS_SCHEDULER_REFERENCE_H_
#define CSIM_TESTS_SCHEDULER_REFERENCE_H_

#include <set>
#include <string>
#include <vector>

#include "tests/scheduler/model_program.h"

namespace csim {

using ChoiceList = std::vector<std::pair<uint32_t, uint32_t>>;  // task, alternative

struct ReferenceExecution {
  ChoiceList choices;
  std::string result;
  std::string trace;
  int preemptions = 0;
};

struct ReferenceOptions {
  bool local_at_once = false;  // as DfsStrategy does
  int preemption_bound = -1;   // -1: none
  size_t max_steps = ~size_t{0};
  size_t max_executions = 3000;
  bool traces = true;
};

struct Reference {
  std::vector<ReferenceExecution> executions;
  bool too_many = false;  // more than max_executions; the list is not complete

  std::set<std::string> Results() const;
  std::set<std::string> Traces() const;
  std::vector<ChoiceList> Choices() const;  // sorted
};

Reference RunAll(const ModelProgram& program, const ReferenceOptions& options = {});

ChoiceList ListOf(const std::vector<Choice>& choices);

}  // namespace csim

#endif  // CSIM_TESTS_SCHEDULER_REFERENCE_H_
