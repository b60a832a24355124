// See compile.h.
#include "instrument/frontend/compile.h"

#include <cstdlib>
#include <filesystem>

#include "instrument/frontend/driver.h"
#include "instrument/frontend/pch.h"

namespace csim::instrument {
namespace {

std::string KeyOf(const CompileJob& job) {
  Hasher hasher;
  hasher.Add(job.tool).Add(job.source).Add(job.source_text).Add(job.flags);
  std::error_code error;
  hasher.Add(std::filesystem::current_path(error).string());
  for (const char* name : {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "SOURCE_DATE_EPOCH"}) {
    const char* value = getenv(name);
    hasher.Add(value == nullptr ? "" : value);
  }
  return hasher.Hex();
}

// Only what changes the meaning of the source; the same on other machines.
std::string UserHash(const CompileJob& job, const Record& record) {
  return Hasher().Add(job.source_text).Add(job.user_flags).Add(record.UserHash()).Hex();
}

void AddTimes(const ClangOutcome& outcome, PhaseTimes* times) {
  times->parse += outcome.parse_seconds;
  times->rewrite += outcome.rewrite_seconds;
  times->codegen += outcome.codegen_seconds;
}

// Parses the original source and, if there is nothing to rewrite, makes the object.
ClangOutcome RunOriginal(const CompileJob& job, ClangRequest request, PhaseTimes* times) {
  request.rewrite = true;
  // Code generated for a source that is rewritten afterwards would be work for nothing.
  const auto mentions = [&](const char* word) {
    return job.source_text.find(word) != std::string::npos;
  };
  request.emit = !mentions("assert") && !mentions("guarded_by") && !mentions("GUARDED_BY");
  ClangOutcome outcome = RunClang(request);
  AddTimes(outcome, times);
  // With the precompiled header more names are declared than the program asked for: what fails with
  // it may be right without.
  if (!request.pch.empty() && (!outcome.ok || outcome.pch_unsafe)) {
    request.pch.clear();
    outcome = RunClang(request);
    AddTimes(outcome, times);
  }
  outcome.pch_unsafe = request.pch.empty();  // tells the caller to go on without it
  return outcome;
}

Record RecordOf(const ClangOutcome& outcome) {
  std::vector<std::string> paths;
  std::vector<bool> system_flags;
  for (const Dependency& file : outcome.dependencies) {
    paths.push_back(file.path);
    system_flags.push_back(file.system);
  }
  return Record::Of(paths, system_flags);
}

bool Store(const CompileJob& job, const Cache& cache, const std::string& key,
           const ClangOutcome& outcome, CompileResult* result) {
  const Record record = RecordOf(outcome);
  result->id = Hasher().Add(key).Add(record.id).Hex();
  result->object = cache.Object(result->id);
  result->user_hash = UserHash(job, record);
  return Cache::Write(result->object, outcome.object) &&
         Cache::Write(cache.ObjectRecord(key), record.Serialize());
}

bool LoadCached(const CompileJob& job, const Cache& cache, const std::string& key,
                CompileResult* result) {
  Record record;
  if (!record.Load(cache.ObjectRecord(key)) || !record.IsFresh()) return false;
  result->id = Hasher().Add(key).Add(record.id).Hex();
  result->object = cache.Object(result->id);
  if (!Cache::Exists(result->object)) return false;
  result->user_hash = UserHash(job, record);
  result->ok = true;
  result->cached = true;
  return true;
}

}  // namespace

FreshCompile CompileFresh(const CompileJob& job, const std::vector<std::string>& arguments,
                          const std::string& pch, std::vector<Point>* points, PhaseTimes* times) {
  ClangRequest request;
  request.arguments = arguments;
  request.pch = pch;
  request.colors = WantsColors(job.flags);
  request.points = points;
  FreshCompile result;
  ClangOutcome first = RunOriginal(job, request, times);
  if (!first.ok || !first.object.empty()) {
    result.outcome = std::move(first);
    return result;
  }
  if (first.pch_unsafe) request.pch.clear();
  request.edits = first.edits.empty() ? nullptr : &first.edits;
  ClangOutcome second = RunClang(request);
  AddTimes(second, times);
  if (!second.ok && request.edits != nullptr) {
    request.edits = nullptr;
    first.edits.clear();
    first.notes.push_back(job.source + ": not rewritten: the result would not compile");
    second = RunClang(request);
    AddTimes(second, times);
  }
  if (second.ok) second.diagnostics = std::move(first.diagnostics);
  second.notes = std::move(first.notes);
  result.edits = std::move(first.edits);
  result.outcome = std::move(second);
  return result;
}

CompileResult Compile(const CompileJob& job, const Cache& cache) {
  CompileResult result;
  const std::string key = KeyOf(job);
  if (LoadCached(job, cache, key, &result)) return result;
  const DriverResult driver = CompileArguments(job.source, job.flags);
  result.diagnostics = driver.diagnostics;
  if (!driver.ok) return result;
  std::string pch;
  const PchStore store(cache, driver.arguments, job.tool);
  const bool may_use_pch =
      job.is_cxx && job.pch != PchMode::kOff && MayStartFromPch(job.source_text);
  if (may_use_pch) pch = store.Get(job.pch, &result.times.pch);
  FreshCompile fresh = CompileFresh(job, driver.arguments, pch, nullptr, &result.times);
  result.diagnostics += fresh.outcome.diagnostics;
  result.notes = std::move(fresh.outcome.notes);
  if (!fresh.outcome.ok) return result;
  result.ok = Store(job, cache, key, fresh.outcome, &result);
  if (!result.ok) result.diagnostics += "csim: error: cannot write to the cache\n";
  if (may_use_pch && pch.empty()) result.pch_maker = store.MakeInBackground();
  return result;
}

}  // namespace csim::instrument
