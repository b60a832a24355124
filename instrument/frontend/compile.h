// One source file to one object file in the cache.
#ifndef CSIM_INSTRUMENT_FRONTEND_COMPILE_H_
#define CSIM_INSTRUMENT_FRONTEND_COMPILE_H_

#include <string>
#include <vector>

#include "instrument/build.h"
#include "instrument/cache/cache.h"
#include "instrument/frontend/clang_run.h"

namespace csim::instrument {

struct CompileJob {
  std::string source;
  std::string source_text;
  std::vector<std::string> flags;       // for the driver, complete
  std::vector<std::string> user_flags;  // as the user gave them
  std::string tool;                     // names this csim
  PchMode pch = PchMode::kBackground;
  bool is_cxx = true;
};

struct CompileResult {
  bool ok = false;
  bool cached = false;
  std::string object;       // path
  std::string id;           // hash of all it was made from
  std::string user_hash;    // the same without system headers and this csim
  std::string diagnostics;  // to be printed
  std::vector<std::string> notes;
  PhaseTimes times;
  int pch_maker = 0;  // process that makes the precompiled header for the next time; 0: none
};

CompileResult Compile(const CompileJob& job, const Cache& cache);

// What Compile does apart from the cache: the strategy of parses. `points` may be null.
struct FreshCompile {
  ClangOutcome outcome;
  EditSet edits;  // that were applied
};
FreshCompile CompileFresh(const CompileJob& job, const std::vector<std::string>& arguments,
                          const std::string& pch, std::vector<Point>* points, PhaseTimes* times);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_FRONTEND_COMPILE_H_
