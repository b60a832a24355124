// Clang's driver as a function: from flags to the arguments of the compiler proper and of the
// linker.
#ifndef CSIM_INSTRUMENT_FRONTEND_DRIVER_H_
#define CSIM_INSTRUMENT_FRONTEND_DRIVER_H_

#include <string>
#include <vector>

namespace csim::instrument {

struct DriverResult {
  bool ok = false;
  std::string program;                 // the linker's path; empty for a compilation
  std::vector<std::string> arguments;  // without the program
  std::string diagnostics;             // what the driver had to say
};

// Arguments of `clang -cc1` (from after "-cc1") that compile `source` to an object file.
DriverResult CompileArguments(const std::string& source, const std::vector<std::string>& flags);

// The link of `inputs` (objects, libraries, in order) into the executable `output`, as clang++ does
// it.
DriverResult LinkArguments(const std::vector<std::string>& inputs,
                           const std::vector<std::string>& flags, const std::string& output);

// LLVM's installation directory, where clang's own headers are; empty if it cannot be found.
const std::string& LlvmDirectory();

// Clang itself, as a program.
std::string ClangProgram(bool cxx);

// Whether the user (by flags) or the terminal wants colours.
bool WantsColors(const std::vector<std::string>& flags);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_FRONTEND_DRIVER_H_
