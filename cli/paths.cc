#include "cli/paths.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace csim {

namespace {

namespace fs = std::filesystem;

fs::path OwnDirectory() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string FirstThatExists(const fs::path& installed, const char* built) {
  std::error_code error;
  if (fs::exists(installed, error)) return fs::weakly_canonical(installed, error).string();
  return built;
}

}  // namespace

std::string RuntimeLibrary() {
  return FirstThatExists(OwnDirectory() / "../lib/csim/libcsim_runtime.so", CSIM_BUILD_RUNTIME);
}

std::string IncludeDirectory() {
  return FirstThatExists(OwnDirectory() / "../include/csim-program", CSIM_SOURCE_INCLUDE);
}

std::string CacheDirectory() {
  if (const std::string own = Variable("CSIM_CACHE"); !own.empty()) return own;
  if (const std::string xdg = Variable("XDG_CACHE_HOME"); !xdg.empty()) return xdg + "/csim";
  if (const std::string home = Variable("HOME"); !home.empty()) return home + "/.cache/csim";
  return "/tmp/csim-" + std::to_string(getuid());
}

}  // namespace csim
