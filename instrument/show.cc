// See show.h.
#include "instrument/show.h"

#include <cstdio>

#include "instrument/frontend/compile.h"
#include "instrument/frontend/driver.h"
#include "instrument/frontend/flags.h"
#include "instrument/points.h"
#include "llvm/Support/MemoryBuffer.h"

namespace csim::instrument {
namespace {

struct Looked {
  bool ok = false;
  std::string error;
  std::string source_text;
  EditSet edits;
  std::vector<Point> points;
};

// Compiles the one file of the request without keeping the object.
Looked Look(const BuildRequest& request) {
  Looked looked;
  const std::string wrong_flag = CheckFlags(request.flags);
  const std::string source = request.sources.size() == 1 ? request.sources[0] : "";
  auto buffer = llvm::MemoryBuffer::getFile(source, true);
  const Language language = LanguageOf(source);
  if (!wrong_flag.empty()) {
    looked.error = wrong_flag;
  } else if (request.sources.size() != 1) {
    looked.error = "exactly one source file is wanted";
  } else if (!buffer) {
    looked.error = "no such file: '" + source + "'";
  } else if (language == Language::kNone) {
    looked.error = "'" + source + "' is no C or C++ file";
  }
  if (!looked.error.empty()) {
    looked.error = "csim: error: " + looked.error;
    return looked;
  }
  CompileJob job;
  job.source = source;
  job.source_text = looked.source_text = (*buffer)->getBuffer().str();
  job.flags = CompileFlags(request.flags, language, false, request.include_dir);
  const DriverResult driver = CompileArguments(source, job.flags);
  fputs(driver.diagnostics.c_str(), stderr);
  if (!driver.ok) return looked;
  PhaseTimes times;
  FreshCompile fresh = CompileFresh(job, driver.arguments, "", &looked.points, &times);
  fputs(fresh.outcome.diagnostics.c_str(), stderr);
  looked.ok = fresh.outcome.ok;
  looked.edits = std::move(fresh.edits);
  return looked;
}

}  // namespace

ShowResult RewrittenSource(const BuildRequest& request) {
  const Looked looked = Look(request);
  ShowResult result{looked.ok, looked.source_text, looked.error};
  if (!looked.ok) return {false, "", looked.error};
  auto it = looked.edits.find(request.sources[0]);
  if (it != looked.edits.end()) result.text = it->second.Apply();
  return result;
}

ShowResult Diff(const BuildRequest& request) {
  const Looked looked = Look(request);
  ShowResult result{looked.ok, "", looked.error};
  for (const auto& [path, edits] : looked.edits) {
    result.text += UnifiedDiff(path, edits.original(), edits.Apply());
  }
  return result;
}

ShowResult Points(const BuildRequest& request) {
  const Looked looked = Look(request);
  if (!looked.ok) return {false, "", looked.error};
  return {true, AnnotateSource(looked.source_text, request.sources[0], looked.points), ""};
}

}  // namespace csim::instrument
