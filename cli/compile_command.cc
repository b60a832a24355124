// csim c++ and csim cc: a compiler that makes instrumented objects and programs, for programs that others execute and
// for build systems. What is not compiled or linked (-E, --version, ...) is left to clang.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "instrument/build.h"
#include "instrument/frontend/driver.h"
#include "instrument/frontend/flags.h"

namespace csim {

namespace fs = std::filesystem;

namespace {

constexpr char kHelp[] =
    "usage: csim c++|cc [-c] [-o FILE] FILE... [compiler flags]\n"
    "compiles and links as clang does, with csim's instrumentation; what comes of it can be "
    "explored, and\n"
    "executed by programs that are explored\n";

struct CompileOrder {
  bool objects_only = false;  // -c
  std::string output;
  std::vector<std::string> files;
  std::vector<std::string> flags;
  std::string dependencies;     // -M or -MM: also write what make needs; empty: do not
  std::string dependency_file;  // -MF
  std::vector<std::string> dependency_flags;  // -MT, -MQ, -MP
};

// What makes it a matter of clang alone.
bool IsForClang(const Words& words) {
  static const char* const kAlone[] = {"-E",   "-S",        "-M",           "-MM",
                                       "-###", "--version", "-dumpversion", "-dumpmachine"};
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    const bool print = word.rfind("-print-", 0) == 0 || word.rfind("--print-", 0) == 0;
    const bool asked = std::find(std::begin(kAlone), std::end(kAlone), word) != std::end(kAlone);
    return print || asked || word == "-fsyntax-only";
  });
}

// A word with its value beside it or behind it: "-o FILE", "-oFILE".
bool TakeValue(const Words& words, size_t* i, const std::string& option, std::string* value) {
  const std::string& word = words[*i];
  if (word.rfind(option, 0) != 0) return false;
  if (word.size() > option.size()) {
    *value = word.substr(option.size());
  } else if (*i + 1 < words.size()) {
    *value = words[++*i];
  }
  return true;
}

CompileOrder ReadOrder(const Words& words) {
  CompileOrder order;
  Words rest;
  std::string value;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i];
    if (word == "-c") {
      order.objects_only = true;
    } else if (word == "-MD" || word == "-MMD") {
      order.dependencies = word == "-MD" ? "-M" : "-MM";
    } else if (word == "-MP") {
      order.dependency_flags.push_back(word);
    } else if (TakeValue(words, &i, "-MF", &order.dependency_file)) {
    } else if (TakeValue(words, &i, "-MT", &value) || TakeValue(words, &i, "-MQ", &value)) {
      order.dependency_flags.insert(order.dependency_flags.end(), {word.substr(0, 3), value});
    } else if (!TakeValue(words, &i, "-o", &order.output)) {
      rest.push_back(word);
    }
  }
  order.flags = TakeCompilerFlags(&rest);
  for (const std::string& word : rest) {
    (word.size() > 1 && word[0] == '-' ? order.flags : order.files).push_back(word);
  }
  return order;
}

// Runs clang with these words; its exit code.
int RunClang(bool cxx, const Words& words) {
  Words all = {instrument::ClangProgram(cxx)};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
    return UsageError(fmt::format("cannot run {}", all[0]));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitUsage;
}

// The rules for make, as clang writes them.
bool WriteDependencies(const CompileOrder& order, bool cxx, const std::string& source,
                       const std::string& output) {
  if (order.dependencies.empty()) return true;
  Words words = order.flags;
  const std::string file = order.dependency_file.empty()
                               ? fs::path(output).replace_extension(".d").string()
                               : order.dependency_file;
  words.insert(words.end(), {"-isystem", IncludeDirectory(), order.dependencies, "-MF", file});
  words.insert(words.end(), order.dependency_flags.begin(), order.dependency_flags.end());
  const auto names_target = [](const std::string& f) { return f == "-MT" || f == "-MQ"; };
  if (std::none_of(words.begin(), words.end(), names_target)) {
    words.insert(words.end(), {"-MQ", output});
  }
  words.push_back(source);
  return RunClang(cxx, words) == 0;
}

// The cached file under its own name, whole or not at all.
bool CopyTo(const std::string& from, const std::string& to, std::string* why) {
  std::error_code error;
  const std::string beside = fmt::format("{}.{}.tmp", to, getpid());
  fs::copy_file(from, beside, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(beside, to, error);
  if (error) *why = fmt::format("cannot write '{}': {}", to, error.message());
  return !error;
}

int MakeObjects(const CompileOrder& order, bool cxx, const instrument::BuildResult& built) {
  std::string error;
  for (size_t i = 0; i < order.files.size(); ++i) {
    const std::string output =
        order.output.empty() ? fs::path(order.files[i]).stem().string() + ".o" : order.output;
    if (!CopyTo(built.objects[i], output, &error)) return UsageError(error);
    if (!WriteDependencies(order, cxx, order.files[i], output)) return kExitUsage;
  }
  return 0;
}

}  // namespace

int CompileCommand(bool cxx, const Words& words) {
  if (words.empty() || words[0] == "--help") {
    std::fputs(kHelp, words.empty() ? stderr : stdout);
    return words.empty() ? kExitUsage : 0;
  }
  if (IsForClang(words)) return RunClang(cxx, words);
  const CompileOrder order = ReadOrder(words);
  if (order.objects_only && !order.output.empty() && order.files.size() > 1) {
    return UsageError("-o with -c takes exactly one source file");
  }
  for (const std::string& file : order.files) {
    const bool source = instrument::LanguageOf(file) != instrument::Language::kNone;
    if (order.objects_only && !source) {
      return UsageError(fmt::format("'{}' is no C or C++ source file", file));
    }
  }
  instrument::BuildRequest request;
  request.sources = order.files;
  request.flags = order.flags;
  request.runtime_library = RuntimeLibrary();
  request.include_dir = IncludeDirectory();
  request.cache_dir = CacheDirectory();
  request.link = !order.objects_only;
  const instrument::BuildResult built = instrument::Build(request);
  if (!built.ok) {
    if (!built.error.empty()) fmt::print(stderr, "{}\n", built.error);
    return kExitUsage;
  }
  if (order.objects_only) return MakeObjects(order, cxx, built);
  std::string error;
  const std::string output = order.output.empty() ? "a.out" : order.output;
  return CopyTo(built.program, output, &error) ? 0 : UsageError(error);
}

}  // namespace csim
