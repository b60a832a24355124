// The link of an instrumented program.
#ifndef CSIM_INSTRUMENT_FRONTEND_LINKER_H_
#define CSIM_INSTRUMENT_FRONTEND_LINKER_H_

#include <string>
#include <vector>

namespace csim::instrument {

struct LinkRequest {
  std::vector<std::string> objects;    // compiled here, and the user's .o files
  std::vector<std::string> libraries;  // the user's .a and .so files
  std::vector<std::string> flags;      // the user's
  std::string runtime_library;         // comes before all other libraries; may be empty
  std::string output;
};

struct LinkOutcome {
  bool ok = false;
  std::string error;                      // if the linker itself did not say why
  std::vector<std::string> dependencies;  // every file that took part
};

// The linker writes its diagnostics to standard error.
LinkOutcome Link(const LinkRequest& request);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_FRONTEND_LINKER_H_
