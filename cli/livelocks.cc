#include "cli/livelocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "scheduler/fair_cycles.h"

namespace csim {
namespace {

constexpr double kShare = 1.0 / 3;  // of the time limit
constexpr double kLeast = 0.1;      // seconds

struct Reason {
  UnknownState bit;
  const char* text;
};
constexpr Reason kReasons[] = {
    {kUnknownProcesses, "it has several processes, or signals"},
    {kUnknownDescriptors, "it uses files, pipes or sockets"},
    {kUnknownMapping, "it maps memory"},
    {kUnknownMemory, "it uses much memory"},
    {kUnknownStack, "it runs tasks on stacks of its own"},
};

// What makes another state of each round.
constexpr const char* kClocks[] = {"clock_gettime",
                                   "gettimeofday",
                                   "time",
                                   "times",
                                   "clock",
                                   "ftime",
                                   "timespec_get",
                                   "std::chrono::_V2::system_clock::now()",
                                   "std::chrono::_V2::steady_clock::now()"};
constexpr const char* kRandomNumbers[] = {"rand",       "random",
                                          "drand48",    "erand48",
                                          "lrand48",    "nrand48",
                                          "mrand48",    "jrand48",
                                          "rand_r",     "random_r",
                                          "arc4random", "getrandom",
                                          "getentropy", "std::random_device::_M_getval()"};

bool ImportsOneOf(const ProgramFile& program, std::span<const char* const> functions) {
  return std::any_of(functions.begin(), functions.end(),
                     [&](const char* function) { return program.Imports(function); });
}

// Why there may be no end of states that are known; empty: it does not show.
std::string WhyManyStates(const ProgramFile& program) {
  const bool time = ImportsOneOf(program, kClocks);
  const bool random = ImportsOneOf(program, kRandomNumbers);
  if (!time && !random) return "";
  return fmt::format("; it {}{}{}, and hardly a state comes again after that",
                     time ? "looks at a clock" : "", time && random ? " and " : "",
                     random ? "draws random numbers" : "");
}

}  // namespace

bool BelongsToExploration(const ExploreOptions& options) {
  const bool wanted = std::find(options.ignored.begin(), options.ignored.end(),
                                FindingKind::kLivelock) == options.ignored.end();
  return options.strategy == "auto" && options.preemptions < 0 && wanted &&
         options.timeouts == "any";
}

bool LeavesLivelocksOpen(const SearchResult& explored) {
  const PartCounts& counts = explored.total.counts;
  return explored.complete && (counts.vain > 0 || counts.limit_steps_hit > 0);
}

void MakeLivelockSearch(const ExploreOptions& given, const std::vector<LocationKey>& racy,
                        double seconds, SearchOptions* options) {
  options->strategy = "fair-cycles";
  options->session.config.every_round = true;
  options->session.config.all_outcomes = false;
  options->session.config.keep_going = false;
  options->executions = kLivelockExecutions;
  if (given.executions != 0) options->executions = std::min(given.executions, kLivelockExecutions);
  options->jobs = 1;
  options->racy = racy;
  if (given.time_limit > 0) {
    const double left = std::max(given.time_limit - seconds, kLeast);
    options->time_limit = std::min(given.time_limit * kShare, left);
  }
}

std::vector<ScheduleRun> WithMoreRounds(std::vector<ScheduleRun> schedule, Cycle cycle) {
  std::vector<ScheduleRun> round;  // backwards
  uint64_t left = cycle.length;
  for (size_t i = schedule.size(); i-- > 0 && left > 0;) {
    round.push_back(schedule[i]);
    round.back().count = std::min(left, schedule[i].count);
    left -= round.back().count;
  }
  for (uint32_t i = 1; i < FairCyclesStrategy::kRounds && left == 0; ++i) {
    schedule.insert(schedule.end(), round.rbegin(), round.rend());
  }
  return schedule;
}

std::string LivelockBound(const SearchResult& searched, const ProgramFile& program) {
  if (searched.complete) return "";
  const PartCounts& counts = searched.total.counts;
  std::string why;
  for (const Reason& reason : kReasons) {
    if ((counts.state_unknown & reason.bit) == 0) continue;
    why += (why.empty() ? "; the program's state is not known: " : ", ") + std::string(reason.text);
  }
  if (why.empty()) why = WhyManyStates(program);
  return fmt::format("livelocks of several tasks: not all states were looked at ({} executions{})",
                     counts.executions, why);
}

}  // namespace csim
