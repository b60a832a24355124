// Explores one built program: runs it, records each finding by replaying it, writes traces.
#ifndef CSIM_CLI_EXPLORER_H_
#define CSIM_CLI_EXPLORER_H_

#include <functional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "report/exploration.h"
#include "report/progress_text.h"
#include "sim/host/result.h"
#include "sim/host/session.h"

namespace csim {

// A program ready to run.
struct Program {
  std::string path;
  std::string hash;
  std::string shown_name;  // as the user named it
  std::vector<std::string> sources;
  std::vector<std::string> flags;
  std::vector<std::string> notes;  // for --verbose
  double build_seconds = 0;
  std::vector<int> background;  // processes that make precompiled headers for the next time
  std::string phases;           // "parse 0.05 s, ..."; empty if it was in the cache
};

// Builds the sources, or takes a program that csim built. The error is empty if the compiler has
// printed its own.
Result<Program> BuildProgram(const std::vector<std::string>& files,
                             const std::vector<std::string>& flags);

// `progress` (may be null) is called now and then. Errors are those of the user's input (exit code 2);
// what csim cannot do with the program is a verdict of the exploration.
Result<Exploration> Explore(const Program& program, const ExploreOptions& options,
                            const std::function<void(const Progress&)>& progress);

// The same for a program that states no properties, or for the one of options.property.
Result<Exploration> ExploreWhole(const Program& program, const ExploreOptions& options,
                                 const std::function<void(const Progress&)>& progress);

// The runtime's configuration for the options.
void SetProperty(Config& config, const std::string& name);
Config MakeConfig(const ExploreOptions& options);
Config MakeReplayConfig(const TraceOptions& options, const std::string& switch_mode);

// Set by SIGINT and SIGTERM: explorations end soon.
bool Interrupted();
void CatchInterrupts();

}  // namespace csim

#endif  // CSIM_CLI_EXPLORER_H_
