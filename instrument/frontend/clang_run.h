// One run of clang within this process: parse a file, look at it, and perhaps make an object of it.
#ifndef CSIM_INSTRUMENT_FRONTEND_CLANG_RUN_H_
#define CSIM_INSTRUMENT_FRONTEND_CLANG_RUN_H_

#include <string>
#include <vector>

#include "instrument/code/code_stage.h"
#include "instrument/source/edits.h"

namespace csim::instrument {

struct ClangRequest {
  std::vector<std::string> arguments;  // of clang -cc1
  std::string pch;                     // precompiled header to start from; empty: none
  const EditSet* edits = nullptr;      // files are read as changed by these
  bool rewrite = false;                // look for what the source stage would rewrite
  // Make an object, unless there is something to rewrite. If not, bodies of library functions are
  // not looked at, and errors in them go unnoticed.
  bool emit = true;
  bool colors = false;
  std::vector<Point>* points = nullptr;
};

struct Dependency {
  std::string path;
  bool system = false;
};

struct ClangOutcome {
  bool ok = false;
  std::string object;       // bytes; empty if there was something to rewrite
  std::string diagnostics;  // as clang prints them
  std::vector<Dependency> dependencies;
  EditSet edits;                   // what the source stage wants to rewrite
  std::vector<std::string> notes;  // and what it could not
  bool pch_unsafe = false;  // the program defines macros that the precompiled header did not see
  double parse_seconds = 0;
  double rewrite_seconds = 0;
  double codegen_seconds = 0;
};

ClangOutcome RunClang(const ClangRequest& request);

// How the names of headers end that are there to be precompiled: no part of the user's program.
inline constexpr char kPchHeaderSuffix[] = ".pch.h";

// Makes the precompiled header `output` of the file `header`. `arguments` are those of a
// compilation.
ClangOutcome MakePch(const std::vector<std::string>& arguments, const std::string& header,
                     const std::string& output);

// `arguments` without what names this very compilation: input, output, main file.
std::vector<std::string> WithoutInput(const std::vector<std::string>& arguments);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_FRONTEND_CLANG_RUN_H_
