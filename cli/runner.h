// Runs single executions of a program, with all that they did written down.
#ifndef CSIM_CLI_RUNNER_H_
#define CSIM_CLI_RUNNER_H_

#include <memory>
#include <string>
#include <vector>

#include "cli/explorer.h"
#include "model/schedule.h"
#include "model/trace/trace.h"
#include "sim/host/result.h"
#include "sim/host/session.h"
#include "sim/mapping/mapping.h"

namespace csim {

// How an execution is to go.
struct RunOrder {
  std::vector<ScheduleRun> schedule =
      {};  // followed to its end; then whoever runs goes on as long as it can
  std::vector<LocationKey> racy = {};  // plain accesses there are scheduling points
  bool with_accesses = false;          // Trace::accesses is wanted too
  Cycle cycle = {};                    // that the schedule goes round
};

// The cycle that a livelock goes round; none for other findings.
Cycle CycleOf(const Finding& finding);

// Starts the program and waits until it has explored this one part. `bell` must outlive the session.
Result<std::unique_ptr<Session>> RunOnce(const Program& program, SessionOptions options,
                                         const SessionPart& part, const Doorbell& bell);

class Runner {
 public:
  // Keeps references: both must outlive it. `arguments` and `stdin_file` are the program's.
  Runner(const Program& program, const Config& config, std::vector<std::string> arguments,
         std::string stdin_file)
      : program_(program),
        config_(config),
        arguments_(std::move(arguments)),
        stdin_file_(std::move(stdin_file)) {}

  // An execution in which a choice of the schedule is not open ends there (outcome "diverged").
  // Errors say why there is no execution at all.
  Result<Trace> Run(const RunOrder& order) const;

 private:
  const Program& program_;
  Config config_;
  std::vector<std::string> arguments_;
  std::string stdin_file_;
};

}  // namespace csim

#endif  // CSIM_CLI_RUNNER_H_
