// The command line of explore and replay.
#ifndef CSIM_CLI_OPTIONS_H_
#define CSIM_CLI_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "model/finding_kind.h"

namespace csim {

struct ExploreOptions {
  std::vector<std::string> files;      // sources, objects, or one built program
  std::vector<std::string> flags;      // for the compiler and linker
  std::vector<std::string> arguments;  // of the program
  std::string strategy = "auto";
  uint64_t seed = 1;
  uint64_t executions = 0;   // 0: as many as the strategy wants
  double time_limit = 60;    // seconds; 0: none
  int64_t preemptions = -1;  // -1: no bound
  uint32_t depth = 3;        // pct
  uint64_t max_steps = 1'000'000;
  uint64_t memory_limit = uint64_t{1} << 30;
  double loop_limit = 2;  // seconds without a scheduling point
  std::string rwlock_policy = "program";
  std::string timeouts = "any";
  std::string switch_mode = "auto";
  std::string restart = "auto";
  std::string property;         // of those that the program states; empty: all, or there are none
  bool fairness = false;        // find out how often waiting tasks are passed
  int64_t fairness_bound = -1;  // more is a bug; -1: no bound
  std::vector<FindingKind> ignored;  // findings of these kinds are none
  std::string stdin_file;
  std::string trace_dir = ".csim";
  std::string json_file;
  uint32_t jobs = 1;       // programs that are run at the same time
  bool resume = false;     // go on with an exploration that was stopped
  bool resumable = false;  // keep the exploration, so that it can be resumed
  bool progress = false;   // lines of it, also where there is no terminal
  bool compare = false;    // show failing executions beside passing ones
  bool refine = true;      // auto: simplest traces, and how often and from where on a bug comes
  bool spurious = false;
  uint64_t predict_budget = 20'000'000;  // steps of Z3 for each question
  bool predict = true;                   // auto: begin with predictions from one execution
  bool strict_processes = false;
  bool io_faults = false;
  bool keep_going = false;
  bool outcomes = false;
  uint64_t native = 0;  // runs of the program without csim's scheduler
  bool verbose = false;
  bool quiet = false;
};

struct ReplayOptions {
  std::string trace_file;
  std::string switch_mode = "auto";
  uint64_t repeat = 1;
  bool steps = false;
  bool quiet = false;
};

// Fills in the options. Returns -1 if all is well, else the exit code: 0 after --help, 2 after an error
// that was printed.
int ParseExplore(const Words& words, ExploreOptions* options);
int ParseReplay(const Words& words, ReplayOptions* options);

// Moves the words that are for the compiler out of `words`, with their values.
std::vector<std::string> TakeCompilerFlags(Words* words);

// A number of seconds as people write it: "60", "60s", "1.5m", "2h", "200ms". False if it is none.
bool ParseSeconds(const std::string& text, double* seconds);
// A number of bytes: "1048576", "512M", "2G". False if it is none.
bool ParseBytes(const std::string& text, uint64_t* bytes);

}  // namespace csim

#endif  // CSIM_CLI_OPTIONS_H_
