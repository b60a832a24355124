// See build.h.
#include "instrument/build.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "instrument/cache/cache.h"
#include "instrument/frontend/clock.h"
#include "instrument/frontend/compile.h"
#include "instrument/frontend/flags.h"
#include "instrument/frontend/linker.h"
#include "llvm/Support/MemoryBuffer.h"

namespace csim::instrument {
namespace {

// Counts up with every change of what is generated for the same source.
constexpr char kFormat[] = "csim-instrument-1";

std::string StampText(const std::string& path) {
  struct stat status;
  if (path.empty() || stat(path.c_str(), &status) != 0) return path + " missing";
  return path + " " + std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) +
         "." + std::to_string(status.st_mtim.tv_nsec);
}

void Print(const std::string& text) { fwrite(text.data(), 1, text.size(), stderr); }

// One build; its methods are the steps, and each returns false after setting result.error.
class Builder {
 public:
  explicit Builder(const BuildRequest& request) : request_(request), cache_(request.cache_dir) {}

  BuildResult Run() {
    const Clock clock;
    result_.ok = CheckInput() && CompileAll() && (!request_.link || LinkProgram());
    result_.objects = link_.objects;
    result_.times.total = clock.Seconds();
    return std::move(result_);
  }

 private:
  bool Fail(const std::string& message) {
    result_.error = "csim: error: " + message;
    return false;
  }

  bool CheckInput() {
    const std::string wrong_flag = CheckFlags(request_.flags);
    if (!wrong_flag.empty()) return Fail(wrong_flag);
    if (request_.sources.empty()) return Fail("no input files");
    if (!cache_.error().empty()) {
      return Fail("cannot use the cache directory '" + request_.cache_dir + "': " + cache_.error());
    }
    for (const std::string& source : request_.sources) {
      struct stat status;
      if (stat(source.c_str(), &status) != 0) return Fail("no such file: '" + source + "'");
      if (S_ISDIR(status.st_mode)) return Fail("'" + source + "' is a directory");
      if (access(source.c_str(), R_OK) != 0) return Fail("cannot read '" + source + "'");
    }
    return true;
  }

  bool IsMixed() const {
    bool c = false;
    bool cxx = false;
    for (const std::string& source : request_.sources) {
      c = c || LanguageOf(source) == Language::kC;
      cxx = cxx || LanguageOf(source) == Language::kCxx;
    }
    return c && cxx;
  }

  bool CompileAll() {
    tool_ = std::string(kFormat) + StampText("/proc/self/exe");
    user_hash_.Add(kFormat);
    all_cached_ = true;
    bool ok = true;
    for (const std::string& source : request_.sources) {
      const Language language = LanguageOf(source);
      if (language == Language::kNone) {
        AddInput(source);
      } else {
        ok = CompileOne(source, language) && ok;  // show the errors of all files
      }
    }
    return ok;
  }

  void AddInput(const std::string& file) {
    const bool object = file.size() > 2 && file.compare(file.size() - 2, 2, ".o") == 0;
    (object ? link_.objects : link_.libraries).push_back(file);
    program_key_.Add(file).Add(HashOfFile(file));
    user_hash_.Add(HashOfFile(file));
  }

  bool CompileOne(const std::string& source, Language language) {
    CompileJob job;
    auto buffer = llvm::MemoryBuffer::getFile(source, true);
    if (!buffer) return Fail("cannot read '" + source + "': " + buffer.getError().message());
    job.source = source;
    job.source_text = (*buffer)->getBuffer().str();
    job.flags = CompileFlags(request_.flags, language, IsMixed(), request_.include_dir);
    job.user_flags = request_.flags;
    job.tool = tool_;
    job.pch = request_.pch;
    job.is_cxx = language == Language::kCxx;
    CompileResult compiled = Compile(job, cache_);
    Print(compiled.diagnostics);
    AddTimes(compiled.times);
    if (compiled.pch_maker != 0) result_.background.push_back(compiled.pch_maker);
    result_.notes.insert(result_.notes.end(), compiled.notes.begin(), compiled.notes.end());
    if (!compiled.ok) return false;
    all_cached_ = all_cached_ && compiled.cached;
    link_.objects.push_back(compiled.object);
    program_key_.Add(compiled.id);
    user_hash_.Add(compiled.user_hash);
    return true;
  }

  void AddTimes(const PhaseTimes& times) {
    result_.times.pch += times.pch;
    result_.times.parse += times.parse;
    result_.times.rewrite += times.rewrite;
    result_.times.codegen += times.codegen;
  }

  bool LinkProgram() {
    result_.hash = user_hash_.Hex();
    program_key_.Add(tool_).Add(request_.flags).Add(StampText(request_.runtime_library));
    const std::string key = program_key_.Hex();
    result_.program = cache_.Program(key);
    Record record;
    if (Cache::Exists(result_.program) && record.Load(cache_.ProgramRecord(key)) &&
        record.IsFresh()) {
      Cache::Touch(result_.program);
      Cache::Touch(cache_.ProgramRecord(key));
      result_.times.cached = all_cached_;
      return true;
    }
    return LinkFresh(key);
  }

  bool LinkFresh(const std::string& key) {
    const Clock clock;
    link_.flags = request_.flags;
    link_.runtime_library = request_.runtime_library;
    link_.output = Cache::TemporaryFor(result_.program);
    const LinkOutcome outcome = Link(link_);
    result_.times.link = clock.Seconds();
    if (!outcome.ok) {
      unlink(link_.output.c_str());
      Print(outcome.error);
      return false;
    }
    const size_t count = outcome.dependencies.size();
    const Record record = Record::Of(outcome.dependencies, std::vector<bool>(count, true));
    if (!Cache::Publish(link_.output, result_.program) ||
        !Cache::Write(cache_.ProgramRecord(key), record.Serialize())) {
      return Fail("cannot write to the cache directory '" + request_.cache_dir + "'");
    }
    cache_.Prune();
    return true;
  }

  const BuildRequest& request_;
  Cache cache_;
  BuildResult result_;
  LinkRequest link_;
  std::string tool_;
  Hasher program_key_;
  Hasher user_hash_;
  bool all_cached_ = true;
};

}  // namespace

BuildResult Build(const BuildRequest& request) { return Builder(request).Run(); }

}  // namespace csim::instrument
