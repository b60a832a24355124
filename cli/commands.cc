#include "cli/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "cli/suggest.h"

namespace csim {

namespace {

constexpr char kHelp[] =
    R"(csim makes concurrency bugs in C and C++ programs reproducible.

usage:
  csim explore [options] FILE.cpp...|PROGRAM [compiler flags] [-- ARGUMENTS]
      run the program under every schedule that matters; report races, deadlocks,
      failed assertions, crashes, each with a trace that replays
  csim replay [options] TRACE
      run a recorded execution again and show it
  csim check DIRECTORY|FILE...
      explore programs that state their expected verdict in their first comment
  csim instrument FILE [--diff|--points] [compiler flags]
      show what csim makes of a source file
  csim c++|cc [-c] [-o FILE] FILE... [compiler flags]
      compile and link as clang does, instrumented: for programs that others execute
  csim COMMAND --help    the options of a command
  csim --version

exit codes: 0 clean and complete, 1 bug found, 2 wrong usage or input, 3 no bug within the bounds,
            4 csim could not control the program
)";

int Dispatch(int argc, char** argv) {
  if (argc < 2) {
    std::fputs(kHelp, stderr);
    return kExitUsage;
  }
  const std::string command = argv[1];
  const Words words(argv + 2, argv + argc);
  if (command == "--help" || command == "-h" || command == "help") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (command == "--version") {
    fmt::print("csim {}\n", CSIM_VERSION);
    return 0;
  }
  try {
    if (command == "explore") return ExploreCommand(words);
    if (command == "replay") return ReplayCommand(words);
    if (command == "check") return CheckCommand(words);
    if (command == "instrument") return InstrumentCommand(words);
    if (command == "c++" || command == "cc") return CompileCommand(command == "c++", words);
  } catch (const std::exception& e) {
    if (std::ferror(stdout) != 0) return kExitUsage;  // the caller says so
    return UsageError(fmt::format("{}", e.what()));
  }
  const std::string alike = MostAlike(command, {"explore", "replay", "check", "instrument"});
  return UsageError(
      alike.empty()
          ? fmt::format("'{}' is no csim command; `csim --help` lists them", command)
          : fmt::format("'{}' is no csim command; did you mean csim {}?", command, alike));
}

}  // namespace

int UsageError(const std::string& message) {
  std::fputs(fmt::format("csim: error: {}\n", message).c_str(), stderr);  // fmt::print may throw
  return kExitUsage;
}

int RunCommand(int argc, char** argv) {
  const int code = Dispatch(argc, argv);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return UsageError("cannot write to standard output");
}

}  // namespace csim
