// What the preprocessor does that the source stage has to know.
#ifndef CSIM_INSTRUMENT_SOURCE_MACRO_WATCHER_H_
#define CSIM_INSTRUMENT_SOURCE_MACRO_WATCHER_H_

#include <vector>

#include "clang/Basic/SourceLocation.h"

namespace clang {
class Preprocessor;
}

namespace csim::instrument {

// A use of the standard assert in a user file.
struct AssertUse {
  clang::SourceLocation name;  // of `assert`
  clang::SourceLocation end;   // of the closing parenthesis
  bool in_macro = false;       // within the expansion of another macro
};

struct MacroFindings {
  std::vector<AssertUse> asserts;
  // A user file defines or undefines a macro that standard headers look at, or a keyword: a header
  // that was compiled before could mean something else.
  bool redefines_library_macros = false;
};

// `findings` must outlive the preprocessor's work.
void WatchMacros(clang::Preprocessor& preprocessor, MacroFindings& findings);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_MACRO_WATCHER_H_
