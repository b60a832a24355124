// Bugs that the program does not have in the execution at hand, but in another order of the same events:
// predicted from one execution, and run.
#ifndef CSIM_CLI_FORESEE_H_
#define CSIM_CLI_FORESEE_H_

#include <optional>
#include <string>
#include <vector>

#include "checker/prediction/predict.h"
#include "cli/runner.h"

namespace csim {

// What was predicted and did not happen when it was run, or could not be run.
struct Unconfirmed {
  Finding finding;
  std::string reason;
  Trace observed;  // that it was predicted from
};

struct Foresight {
  uint64_t executions = 0;         // the observed one, and those that followed a prediction
  bool observed_bug = false;       // the observed one has a bug itself: nothing was predicted
  std::optional<Trace> confirmed;  // the first execution with a bug, that bug first
  std::vector<Unconfirmed> unconfirmed;
  std::vector<FoundFinding> advice;  // of the observed one, if it has no bug
  uint64_t skipped = 0;              // pairs and cycles beyond the limits: not looked at
};

// Observes one execution of the program, and follows what is predicted from it, until the first comes true.
// `executions`: at most so many; 0: a number of its own. Errors: the program cannot be run.
Result<Foresight> Foresee(const Program& program, const Config& config,
                          const ExploreOptions& options);

}  // namespace csim

#endif  // CSIM_CLI_FORESEE_H_
