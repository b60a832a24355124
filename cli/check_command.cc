#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/expectation.h"
#include "cli/explorer.h"
#include "cli/options.h"
#include "cli/write_file.h"
#include "report/quoted.h"

namespace csim {

namespace {

namespace fs = std::filesystem;

struct Tally {
  int passed = 0;
  int failed = 0;
};

bool IsCase(const fs::path& path) {
  const std::string e = path.extension().string();
  return e == ".c" || e == ".cpp" || e == ".cc" || e == ".cxx";
}

// All case files of the words, sorted. False if a word names nothing.
bool FindCases(const Words& words, std::vector<std::string>* files, std::string* error) {
  for (const std::string& word : words) {
    std::error_code code;
    if (fs::is_directory(word, code)) {
      for (const auto& entry : fs::recursive_directory_iterator(word)) {
        if (entry.is_regular_file() && IsCase(entry.path()))
          files->push_back(entry.path().string());
      }
    } else if (fs::exists(word, code)) {
      files->push_back(word);
    } else {
      *error = fmt::format("no such file or directory: '{}'", word);
      return false;
    }
  }
  std::sort(files->begin(), files->end());
  return true;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : " ") + ShellQuoted(w);
  return text;
}

void Row(const std::string& file, const ExpectedRun& run, const std::string& result,
         const std::string& why, const Exploration* e) {
  fmt::print("{:<6} {:<44} {:<34} {:<8} {:>9}\n", result, file, Joined(run.options), run.verdict,
             e == nullptr ? "" : fmt::format("{} ex", e->executions));
  if (!why.empty()) fmt::print("       {}\n", why);
  std::fflush(stdout);
}

void CheckRun(const std::string& file, const ExpectedRun& run, const std::string& trace_dir,
              Tally* tally) {
  ExploreOptions options;
  Words words = run.options;
  words.insert(words.begin(), file);
  if (ParseExplore(words, &options) >= 0) {
    ++tally->failed;
    return Row(file, run, "FAILED", "wrong options", nullptr);
  }
  options.trace_dir = trace_dir;
  options.refine = false;  // a verdict is wanted, no explanation
  const Result<Program> program = BuildProgram(options.files, options.flags);
  if (!program) {
    ++tally->failed;
    return Row(file, run, "FAILED", "does not build: " + program.error(), nullptr);
  }
  const Result<Exploration> e = Explore(*program, options, nullptr);
  const std::string why = e ? Compare(run, *e) : e.error();
  why.empty() ? ++tally->passed : ++tally->failed;
  Row(file, run, why.empty() ? "ok" : "FAILED", why, e ? &*e : nullptr);
}

}  // namespace

int CheckCommand(const Words& given) {
  Words words = given;
  if (words.empty() || words[0].rfind("-", 0) == 0) {
    const bool help = !words.empty() && (words[0] == "--help" || words[0] == "-h");
    if (!help && !words.empty())
      return UsageError(fmt::format("'{}' is no option of csim check", words[0]));
    fmt::print(help ? stdout : stderr,
               "usage: csim check DIRECTORY|FILE...\n"
               "explores each file and compares with the 'expect:' lines of its first comment\n");
    return help ? 0 : kExitUsage;
  }
  std::vector<std::string> files;
  std::string error;
  if (!FindCases(words, &files, &error)) return UsageError(error);
  if (files.empty()) return UsageError(fmt::format("no C or C++ file in '{}'", words[0]));
  CatchInterrupts();
  Tally tally;
  for (const std::string& file : files) {
    std::string source;
    std::string why;
    if (!ReadFile(file, &source, &why)) return UsageError(why);
    const std::vector<ExpectedRun> runs = ParseExpectation(source, &why);
    if (runs.empty()) {
      ++tally.failed;
      Row(file, ExpectedRun{}, "FAILED", why, nullptr);
    }
    for (const ExpectedRun& run : runs) {
      if (Interrupted()) return 1;
      CheckRun(file, run, ".csim/check", &tally);
    }
  }
  fmt::print("{} passed, {} failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace csim
