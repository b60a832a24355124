// See linker.h.
#include "instrument/frontend/linker.h"

#include <fstream>
#include <iterator>

#include "instrument/frontend/driver.h"
#include "instrument/frontend/flags.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

namespace csim::instrument {
namespace {

// Reads a dependency file as make understands it: "target: a b \<newline> c", then more rules.
std::vector<std::string> ReadDependencyFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  std::vector<std::string> result;
  std::string word;
  bool in_target = true;
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '\n';
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '\\' && next == '\n') {
      ++i;
    } else if (c == '\\' && next == ' ') {
      word.push_back(' ');
      ++i;
      continue;
    } else if (c == '\n' && !in_target) {
      if (!word.empty()) result.push_back(word);
      return result;
    } else if (c != ' ' && c != '\n') {
      word.push_back(c);
      continue;
    }
    if (in_target && !word.empty() && word.back() == ':')
      in_target = false;
    else if (!in_target && !word.empty())
      result.push_back(word);
    word.clear();
  }
  return result;
}

}  // namespace

LinkOutcome Link(const LinkRequest& request) {
  LinkOutcome outcome;
  std::vector<std::string> inputs = request.objects;
  std::vector<std::string> flags = LinkFlags(request.flags);
  if (!request.runtime_library.empty()) {
    inputs.push_back(request.runtime_library);
    flags.push_back("-Wl,-rpath," + llvm::sys::path::parent_path(request.runtime_library).str());
  }
  inputs.insert(inputs.end(), request.libraries.begin(), request.libraries.end());
  const std::string dependency_file = request.output + ".d";
  flags.push_back("-Wl,--dependency-file=" + dependency_file);
  const DriverResult link = LinkArguments(inputs, flags, request.output);
  if (!link.ok) {
    outcome.error = link.diagnostics;
    return outcome;
  }
  std::vector<llvm::StringRef> words = {link.program};
  words.insert(words.end(), link.arguments.begin(), link.arguments.end());
  std::string error;
  const int status = llvm::sys::ExecuteAndWait(link.program, words, std::nullopt, {}, 0, 0, &error);
  outcome.ok = status == 0;
  if (outcome.ok) outcome.dependencies = ReadDependencyFile(dependency_file);
  if (status < 0) outcome.error = "csim: error: " + link.program + ": " + error + "\n";
  llvm::sys::fs::remove(dependency_file);
  return outcome;
}

}  // namespace csim::instrument
