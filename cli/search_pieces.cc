#include "cli/search_pieces.h"

#include <fmt/format.h>

namespace csim {

namespace {

constexpr char kProgram[] = "program";
constexpr char kVersion[] = "version";
constexpr char kArguments[] = "arguments";

std::string YesNo(bool value) { return value ? "yes" : "no"; }

}  // namespace

std::map<std::string, std::string> SearchPieces(const std::string& program_hash,
                                                const ExploreOptions& o) {
  std::string arguments;
  for (const std::string& a : o.arguments) arguments += a + '\0';
  return {{kVersion, CSIM_VERSION},
          {kProgram, program_hash},
          {kArguments, arguments},
          {"--strategy", o.strategy},
          {"--seed", fmt::format("{}", o.seed)},
          {"--executions", fmt::format("{}", o.executions)},
          {"--preemptions", o.preemptions < 0 ? "none" : fmt::format("{}", o.preemptions)},
          {"--depth", fmt::format("{}", o.depth)},
          {"--max-steps", fmt::format("{}", o.max_steps)},
          {"--memory-limit", fmt::format("{}", o.memory_limit)},
          {"--loop-limit", fmt::format("{}", o.loop_limit)},
          {"--rwlock-policy", o.rwlock_policy},
          {"--property", o.property},
          {"--fairness", !o.fairness            ? "no"
                         : o.fairness_bound < 0 ? "any"
                                                : fmt::format("{}", o.fairness_bound)},
          {"--timeouts", o.timeouts},
          {"--stdin", o.stdin_file},
          {"--spurious", YesNo(o.spurious)},
          {"--strict-processes", YesNo(o.strict_processes)},
          {"--io-faults", YesNo(o.io_faults)},
          {"--keep-going", YesNo(o.keep_going)},
          {"--outcomes", YesNo(o.outcomes)}};
}

std::string DifferenceTo(const SearchStore& store,
                         const std::map<std::string, std::string>& pieces) {
  for (const char* first : {kVersion, kProgram, kArguments}) {
    const std::optional<std::string> kept = store.Read(first);
    if (!kept) return "the file is damaged, or no exploration that csim keeps";
    if (*kept == pieces.at(first)) continue;
    if (first == kVersion) return fmt::format("kept by csim {}, this is {}", *kept, CSIM_VERSION);
    return first == kProgram ? "the exploration is of another program (its sources, flags or "
                               "headers have changed since)"
                             : "the exploration is of a run with other arguments";
  }
  for (const auto& [name, value] : pieces) {
    const std::optional<std::string> kept = store.Read(name);
    if (kept == value) continue;
    return fmt::format("the exploration has {} {}, not {}", name, kept.value_or("(not given)"),
                       value);
  }
  return "";
}

}  // namespace csim
