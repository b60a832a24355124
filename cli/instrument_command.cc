#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "instrument/show.h"

namespace csim {

namespace {

constexpr char kHelp[] =
    "usage: csim instrument FILE [--diff|--points] [compiler flags]\n"
    "shows what csim makes of a source file: the rewritten source; --diff: the difference;\n"
    "--points: the source with every scheduling point and plain access marked in the margin\n";

}  // namespace

int InstrumentCommand(const Words& given) {
  Words words = given;
  const std::vector<std::string> flags = TakeCompilerFlags(&words);
  bool diff = false;
  bool points = false;
  std::vector<std::string> files;
  for (const std::string& word : words) {
    if (word == "--help" || word == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    if (word == "--diff") {
      diff = true;
    } else if (word == "--points") {
      points = true;
    } else if (word.rfind("-", 0) == 0) {
      return UsageError(
          fmt::format("'{}' is no option of csim instrument (--diff, --points)", word));
    } else {
      files.push_back(word);
    }
  }
  if (files.size() != 1) return UsageError("csim instrument takes exactly one source file");
  if (diff && points) return UsageError("--diff and --points exclude each other");
  std::error_code ignored;
  if (std::filesystem::is_directory(files[0], ignored)) {
    return UsageError(fmt::format("'{}' is a directory", files[0]));
  }
  instrument::BuildRequest request;
  request.sources = files;
  request.flags = flags;
  request.runtime_library = RuntimeLibrary();
  request.include_dir = IncludeDirectory();
  request.cache_dir = CacheDirectory();
  const instrument::ShowResult shown = points ? instrument::Points(request)
                                       : diff ? instrument::Diff(request)
                                              : instrument::RewrittenSource(request);
  if (!shown.ok) {
    if (!shown.error.empty()) fmt::print(stderr, "{}\n", shown.error);
    return kExitUsage;
  }
  std::fputs(shown.text.c_str(), stdout);
  return 0;
}

}  // namespace csim
