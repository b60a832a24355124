// See pch.h.
#include "instrument/frontend/pch.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instrument/frontend/clang_run.h"
#include "instrument/frontend/clock.h"
#include "llvm/ADT/StringRef.h"

namespace csim::instrument {
namespace {

// What programs with threads commonly include. Not <cassert>: it depends on NDEBUG. Not <regex>,
// <filesystem> and <ranges>: few use them and they are big.
constexpr char kHeader[] = R"header(
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <queue>
#include <random>
#include <set>
#include <sstream>
#include <stack>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>
#if __cplusplus >= 201402L
#include <shared_mutex>
#endif
#if __cplusplus >= 201703L
#include <optional>
#include <string_view>
#include <variant>
#endif
#if __cplusplus >= 202002L
#include <barrier>
#include <latch>
#include <semaphore>
#include <stop_token>
#endif
)header";

// Gives the key's maker to one process at a time; released when the process ends.
int Lock(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

// A macro named as programs name theirs, which the standard headers know nothing of.
bool IsProgramsOwn(llvm::StringRef definition) {
  const llvm::StringRef name = definition.take_until([](char c) { return c == '=' || c == '('; });
  return name != "NDEBUG" && !name.starts_with("_") &&
         name.find_if([](char c) { return c >= 'a' && c <= 'z'; }) == llvm::StringRef::npos;
}

// Programs that differ only in such macros have one header.
std::vector<std::string> WithoutProgramsMacros(const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool defines = arguments[i] == "-D" && i + 1 < arguments.size();
    if (defines && IsProgramsOwn(arguments[i + 1])) {
      ++i;
    } else {
      result.push_back(arguments[i]);
    }
  }
  return result;
}

}  // namespace

bool MayStartFromPch(const std::string& source_text) {
  llvm::StringRef rest(source_text);
  bool in_comment = false;
  while (!rest.empty()) {
    auto [line, tail] = rest.split('\n');
    rest = tail;
    line = line.trim();
    if (in_comment) {
      in_comment = !line.contains("*/");
      continue;
    }
    if (line.starts_with("/*")) in_comment = !line.contains("*/");
    if (!line.consume_front("#")) continue;
    line = line.ltrim();
    if (line.starts_with("include")) return true;
    if (line.starts_with("define") || line.starts_with("undef") || line.starts_with("import") ||
        line.starts_with("pragma GCC") || line.starts_with("pragma clang")) {
      return false;
    }
  }
  return false;  // nothing is included: nothing is gained
}

PchStore::PchStore(const Cache& cache, const std::vector<std::string>& arguments,
                   const std::string& tool)
    : cache_(cache), arguments_(WithoutProgramsMacros(arguments)) {
  key_ = Hasher().Add(tool).Add(kHeader).Add(WithoutInput(arguments_)).Hex();
}

bool PchStore::IsThere() const {
  Record record;
  return Cache::Exists(cache_.Pch(key_)) && record.Load(cache_.PchRecord(key_)) && record.IsFresh();
}

bool PchStore::Make() const {
  const std::string header = cache_.Pch(key_) + ".h";
  if (!Cache::Exists(header) && !Cache::Write(header, kHeader)) return false;
  const std::string temporary = Cache::TemporaryFor(cache_.Pch(key_));
  const ClangOutcome outcome = MakePch(arguments_, header, temporary);
  if (!outcome.ok) {
    unlink(temporary.c_str());
    return false;
  }
  std::vector<std::string> paths;
  for (const Dependency& file : outcome.dependencies) paths.push_back(file.path);
  const Record record = Record::Of(paths, std::vector<bool>(paths.size(), true));
  return Cache::Publish(temporary, cache_.Pch(key_)) &&
         Cache::Write(cache_.PchRecord(key_), record.Serialize());
}

std::string PchStore::Get(PchMode mode, double* seconds) const {
  if (mode == PchMode::kOff) return "";
  if (IsThere()) {
    Cache::Touch(cache_.Pch(key_));
    return cache_.Pch(key_);
  }
  if (mode != PchMode::kNow) return "";
  const Clock clock;
  const bool made = Make();
  *seconds += clock.Seconds();
  return made ? cache_.Pch(key_) : "";
}

int PchStore::MakeInBackground() const {
  if (IsThere()) return 0;
  const pid_t child = fork();
  if (child != 0) return child > 0 ? child : 0;
  setsid();  // Ctrl-C is for csim, which may outlive it or not
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  for (int fd = 3; fd < 256; ++fd) close(fd);
  setpriority(PRIO_PROCESS, 0, 10);
  const int lock = Lock(cache_.Pch(key_) + ".lock");
  if (lock >= 0 && !IsThere()) Make();
  _exit(0);
}

}  // namespace csim::instrument
