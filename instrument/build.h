// From source files to an instrumented program in the cache: start here.
//
// One process does it all; only the linker is a process of its own. Nothing is built again when
// nothing changed. Several csim may use one cache at the same time.
#ifndef CSIM_INSTRUMENT_BUILD_H_
#define CSIM_INSTRUMENT_BUILD_H_

#include <cstdint>
#include <string>
#include <vector>

namespace csim::instrument {

// What to do about the precompiled header of the C++ standard headers.
enum class PchMode : uint8_t {
  kBackground,  // use it if it is there, else have a background process make it for the next time
  kNow,         // make it first if it is not there
  kOff,
};

struct BuildRequest {
  std::vector<std::string> sources;  // C and C++ files; also .o, .a and .so files for the link
  std::vector<std::string> flags;  // -I -D -std -O -g -l -L -W -f -pthread ..., in the user's order
  std::string runtime_library;     // path of libcsim_runtime.so
  std::string include_dir;         // where <csim/csim.h> is; may be empty
  std::string cache_dir;
  PchMode pch = PchMode::kBackground;
  bool link = true;  // else only object files
};

// Seconds spent, of all files together.
struct PhaseTimes {
  double pch = 0;      // making the precompiled header
  double parse = 0;    // all parses; one of a file with nothing to rewrite, else two
  double rewrite = 0;  // the source stage
  double codegen = 0;  // optimiser, code stage, object file
  double link = 0;
  double total = 0;
  bool cached = false;  // nothing had to be done
};

struct BuildResult {
  bool ok = false;
  std::string program;               // path of the executable, in the cache
  std::vector<std::string> objects;  // and of the object files, in order of the sources
  // One line for the user, "csim: error: ..."; empty if diagnostics were printed already.
  std::string error;
  std::vector<std::string> notes;  // for --verbose: what could not be rewritten, and the like
  PhaseTimes times;
  // Names what determines the program's behaviour, for traces: flags and the contents of all files
  // of the user. The same on other machines.
  std::string hash;
  // Processes that make precompiled headers for the next time. They end by themselves, soon after; who
  // does not want to wait for that kills them.
  std::vector<int> background;
};

// Prints the diagnostics of the compiler to standard error as clang does.
BuildResult Build(const BuildRequest& request);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_BUILD_H_
