#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "cli/commands.h"
#include "cli/explorer.h"
#include "cli/options.h"
#include "cli/write_file.h"
#include "report/exploration_json.h"
#include "report/exploration_text.h"
#include "report/progress_text.h"
#include "report/quoted.h"

namespace csim {

namespace {

// In place on a terminal, else as lines.
void ShowProgress(const Progress& p, bool terminal) {
  fmt::print(stderr, "{}{}{}", terminal ? "\r\033[K" : "csim: ", ProgressText(p),
             terminal ? "" : "\n");
  std::fflush(stderr);
}

void ClearProgress() { fmt::print(stderr, "\r\033[K"); }

// How to go on with an exploration that was stopped.
std::string ResumeText(const Words& words) {
  std::string text = "csim explore";
  if (std::find(words.begin(), words.end(), "--resume") == words.end()) text += " --resume";
  for (const std::string& word : words) text += " " + ShellQuoted(word);
  return text;
}

void ShowBuild(const Program& program) {
  for (const std::string& note : program.notes) fmt::print(stderr, "csim: note: {}\n", note);
  fmt::print(stderr, "csim: {} ({:.3f} s{}{})\n", program.path, program.build_seconds,
             program.phases.empty() ? ", unchanged" : ": ", program.phases);
}

int Output(const ExploreOptions& options, Exploration& e, const std::string& resume) {
  if (e.resumable) e.resume = resume;
  if (options.json_file == "-") {
    std::fputs(ExplorationJson(e).c_str(), stdout);
    return ExitCodeOf(e);
  }
  std::fputs(ExplorationText(e, options.quiet).c_str(), stdout);
  std::string error;
  if (!options.json_file.empty() && !WriteFile(options.json_file, ExplorationJson(e), &error)) {
    return UsageError(error);
  }
  return ExitCodeOf(e);
}

// What cannot be written is told before the work, not after it.
bool CanWriteOutputs(const ExploreOptions& options, std::string* error) {
  const bool to_file = !options.json_file.empty() && options.json_file != "-";
  if (to_file && !CanWriteFile(options.json_file, error)) return false;
  return CanWriteInDirectory(options.trace_dir, error);
}

int ExploreOne(const Program& program, const ExploreOptions& options, const std::string& resume) {
  const bool terminal = isatty(2) != 0 && !options.quiet;
  std::function<void(const Progress&)> progress;
  if (terminal || options.progress) {
    progress = [terminal](const Progress& p) { ShowProgress(p, terminal); };
  }
  Result<Exploration> result = Explore(program, options, progress);
  if (terminal) ClearProgress();
  if (!result) return UsageError(result.error());
  return Output(options, *result, resume);
}

// Under every policy in turn; the worst verdict counts (a bug before an error before bounded).
int ExploreAllPolicies(const Program& program, const ExploreOptions& options) {
  int worst = 0;
  const auto rank = [](int code) { return code == 1 ? 4 : code == 4 ? 3 : code == 3 ? 2 : code; };
  for (const char* policy : {"reader", "writer", "fair"}) {
    ExploreOptions one = options;
    one.rwlock_policy = policy;
    if (!one.json_file.empty() && one.json_file != "-") one.json_file += std::string(".") + policy;
    if (!options.quiet && options.json_file != "-") fmt::print("rwlock policy {}:\n", policy);
    const int code = ExploreOne(program, one, "");
    if (code == kExitUsage) return code;
    if (rank(code) > rank(worst)) worst = code;
  }
  return worst;
}

}  // namespace

int ExploreCommand(const Words& words) {
  ExploreOptions options;
  if (const int code = ParseExplore(words, &options); code >= 0) return code;
  std::string error;
  if (!CanWriteOutputs(options, &error)) return UsageError(error);
  CatchInterrupts();
  const Result<Program> program = BuildProgram(options.files, options.flags);
  if (!program) return program.error().empty() ? kExitUsage : UsageError(program.error());
  if (options.verbose) ShowBuild(*program);
  options.resumable = options.rwlock_policy != "all";
  const int code = options.resumable ? ExploreOne(*program, options, ResumeText(words))
                                     : ExploreAllPolicies(*program, options);
  if (Interrupted()) {  // whoever stops csim wants all of it to stop
    for (const int process : program->background) kill(process, SIGKILL);
  }
  return code;
}

}  // namespace csim
