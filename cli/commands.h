// The subcommands. Each takes the words behind its name and gives csim's exit code: 0 clean, 1 a bug,
// 2 wrong usage or input, 3 no bug within the bounds, 4 csim could not control the program.
#ifndef CSIM_CLI_COMMANDS_H_
#define CSIM_CLI_COMMANDS_H_

#include <string>
#include <vector>

namespace csim {

inline constexpr int kExitUsage = 2;
inline constexpr int kExitUncontrolled = 4;

using Words = std::vector<std::string>;

int RunCommand(int argc, char** argv);

int ExploreCommand(const Words& words);
int ReplayCommand(const Words& words);
int CheckCommand(const Words& words);
int InstrumentCommand(const Words& words);
int CompileCommand(bool cxx, const Words& words);

// One line on standard error, "csim: error: ...". Returns kExitUsage.
int UsageError(const std::string& message);

}  // namespace csim

#endif  // CSIM_CLI_COMMANDS_H_
