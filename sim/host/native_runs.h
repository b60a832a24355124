// The program as the system runs it, without csim's scheduler: what comes out, and how often.
#ifndef CSIM_SIM_HOST_NATIVE_RUNS_H_
#define CSIM_SIM_HOST_NATIVE_RUNS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/host/result.h"

namespace csim {

struct NativeOutcome {
  std::string output;  // of both standard output and standard error
  int exit_code = 0;   // 128 + the signal that ended it
  bool hung = false;   // it was still there after the limit, and was ended
  uint64_t runs = 0;
};

struct NativeOptions {
  std::string program;  // built by csim: its hooks do nothing then
  std::string argument0;
  std::vector<std::string> arguments;
  std::string stdin_file;  // empty: /dev/null
  uint64_t runs = 1;
  double seconds = 5;  // a run may take
};

// The distinct outcomes of so many runs, one after the other; fewer runs if `stop` says so in between. Each run
// has a session of its own, of which nothing is left. Errors: the program cannot be started.
Result<std::vector<NativeOutcome>> RunNatively(const NativeOptions& options,
                                               const std::function<bool()>& stop);

}  // namespace csim

#endif  // CSIM_SIM_HOST_NATIVE_RUNS_H_
