// Function names as people write them.
#ifndef CSIM_INSTRUMENT_CODE_NAMES_H_
#define CSIM_INSTRUMENT_CODE_NAMES_H_

#include <string>

#include "llvm/ADT/StringRef.h"

namespace csim::instrument {

// The demangled name without parameters and return type: "std::mutex::lock". What is no C++ name
// comes back as it is. A lambda becomes "main::lambda at line 12" if `line` (of the function
// itself) is not 0, else "main::lambda".
// What clang splits off a coroutine has the coroutine's name.
std::string DisplayName(llvm::StringRef mangled, uint32_t line);

// True for a function that clang splits off a coroutine to call await_suspend.
bool IsPartOfCoroutine(llvm::StringRef mangled);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_NAMES_H_
