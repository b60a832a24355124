// The code stage: LLVM passes that put the calls of sim/abi/csim_abi.h into a module.
//
// User code is instrumented at the very start of the optimisation pipeline, so that every access
// the user wrote is still there; code from system headers at its end, so that it costs little. What
// the first part has dealt with is marked, and the second leaves it alone.
#ifndef CSIM_INSTRUMENT_CODE_CODE_STAGE_H_
#define CSIM_INSTRUMENT_CODE_CODE_STAGE_H_

#include <string>
#include <vector>

#include "instrument/source/source_table.h"

namespace llvm {
class PassBuilder;
}

namespace csim::instrument {

// A place where something was put in; for `csim instrument --points`.
struct Point {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  char mark = ' ';     // 'r' and 'w' plain, 'A' atomic, 'F' fence, '(' call, see points.h
  std::string within;  // symbol of the function that contains it
  std::string callee;  // of a call: the symbol
};

struct CodeStage {
  const SourceTable* source = nullptr;
  std::vector<Point>* points = nullptr;  // filled if not null
};

// Adds the passes to the pipelines that `builder` will make. `stage` is copied; what it points to
// must outlive the pipeline.
void AddCodeStage(llvm::PassBuilder& builder, const CodeStage& stage);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_CODE_STAGE_H_
