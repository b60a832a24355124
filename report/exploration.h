// The result of an exploration, as all reports show it.
#ifndef CSIM_REPORT_EXPLORATION_H_
#define CSIM_REPORT_EXPLORATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/trace/trace.h"

namespace csim {

enum class Verdict { kBug, kClean, kBounded, kError };
// "bug", "clean", "bounded", "error".
const char* NameOf(Verdict verdict);

struct FoundFinding {
  Finding finding;
  uint64_t execution = 0;           // number of the first execution that had it
  uint64_t times = 0;               // executions that had it
  std::optional<uint64_t> measure;  // a largest value over all executions, no bug
  bool confirmed = false;           // a replay of its schedule showed it again
  bool predicted = false;           // from the execution before, which did not have it
  std::string reason;               // why a prediction is not confirmed
  uint64_t preemptions = 0;         // of its trace
  uint64_t switches = 0;            // of its trace, up to the finding
  uint64_t work = 0;                // operations and memory accesses of its trace
  bool always = false;              // every execution has it
  // `times` is of all `of` executions of a complete exploration.
  bool complete = false;
  uint64_t of = 0;
  // How often executions with random choices have it: so many of so many; 0 of 0: not tried.
  uint64_t sampled_times = 0;
  uint64_t sampled = 0;
  // An execution without it that begins like its trace, up to (not with) this step.
  std::optional<Trace> passing;
  uint64_t parting_step = 0;
  std::string passing_file;  // its trace
  std::string trace_file;    // empty: none was written
  Trace trace;
};

struct FoundOutcome {
  std::string output;
  int exit_code = 0;
  std::string outcome;  // "completed", "deadlock", ...
  uint64_t executions = 0;
  uint64_t native = 0;  // runs without csim's scheduler that came to it
  std::string trace_file;
};

// A property that the program states (sim/abi: csim_properties), explored by itself.
struct CheckedProperty {
  std::string name;
  std::string text;      // what holds then, as a sentence
  std::string verdict;   // "holds", "violated", "bounded" (not violated within the bounds), "error"
  bool demanded = true;  // else it is decided, but no bug if it does not hold
  bool complete = false;
  uint64_t executions = 0;
  double seconds = 0;
  std::string message;     // what violates it, what bounds the search, or where it was reached
  std::string trace_file;  // that shows it; empty: there is none
};

struct Exploration {
  std::string program;
  Verdict verdict = Verdict::kError;
  bool complete = false;
  std::string strategy;
  uint64_t seed = 0;
  int jobs = 1;
  uint64_t executions = 0;
  uint64_t livelock_executions = 0;  // beside these, of the search for livelocks that followed
  uint64_t redundant = 0;
  uint64_t vain = 0;  // a task went round a loop in vain; another execution does without
  uint64_t cut = 0;
  uint64_t events = 0;
  uint64_t restarts = 0;  // executions that needed a fresh process
  double seconds = 0;     // of exploring; building not included
  double build_seconds = 0;
  std::vector<FoundFinding> findings;     // bugs
  std::vector<FoundFinding> information;  // worth knowing, no bugs
  std::vector<FoundFinding> limits;       // named limits that ended executions
  std::vector<CheckedProperty> properties;
  bool with_outcomes = false;
  uint64_t native_runs = 0;  // without csim's scheduler; 0: none were asked for
  bool compare = false;      // show failing executions beside passing ones
  std::vector<FoundOutcome> outcomes;
  std::vector<std::string> bounds;  // why the verdict is not `clean`, and what `clean` does not say
  bool no_livelock = false;         // it was looked for, in all states: every fair schedule ends
  bool resumable = false;           // stopped, and kept so that it can go on ...
  std::string resume;               // ... with this command
  std::string error;                // verdict kError: what csim could not do
};

// 0 clean, 1 bug, 2 not used here, 3 bounded, 4 error.
int ExitCodeOf(const Exploration& exploration);

}  // namespace csim

#endif  // CSIM_REPORT_EXPLORATION_H_
