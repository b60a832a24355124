// See flags.h.
#include "instrument/frontend/flags.h"

#include <algorithm>

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"

namespace csim::instrument {
namespace {

bool IsStandard(llvm::StringRef flag, Language language) {
  if (!flag.consume_front("-std=") && !flag.consume_front("--std=")) return false;
  const bool cxx = flag.contains("++");
  return cxx == (language == Language::kCxx);
}

// Flags that ask for diagnostics beyond errors.
bool AsksForWarnings(llvm::StringRef flag) {
  if (flag.starts_with("-Wl,") || flag.starts_with("-Wa,") || flag.starts_with("-Wp,"))
    return false;
  return flag.starts_with("-W") || flag.starts_with("-pedantic");
}

bool IsRefused(llvm::StringRef flag) {
  return llvm::StringSwitch<bool>(flag)
      .Cases("-c", "-S", "-E", "-shared", "-static", "-static-pie", "-r", true)
      .Cases("-M", "-MM", "-MD", "-MMD", "-x", "-save-temps", "-fsyntax-only", "-###", true)
      .Default(flag.starts_with("-o"));
}

std::string LastOptimisation(const std::vector<std::string>& flags) {
  std::string last = "-O1";
  for (const std::string& flag : flags) {
    if (llvm::StringRef(flag).starts_with("-O")) last = flag;
  }
  return last;
}

// True if the user asked for debug information and did not take it back.
bool HasDebugInfo(const std::vector<std::string>& flags) {
  bool has = false;
  for (const std::string& flag : flags) {
    llvm::StringRef f(flag);
    if (f == "-g0") has = false;
    if (f == "-g" || f == "-g2" || f == "-g3" || f.starts_with("-ggdb") ||
        f.starts_with("-gdwarf")) {
      has = true;
    }
  }
  return has;
}

}  // namespace

Language LanguageOf(const std::string& file) {
  return llvm::StringSwitch<Language>(llvm::sys::path::extension(file))
      .Case(".c", Language::kC)
      .Cases(".cc", ".cpp", ".cxx", ".c++", ".C", ".CPP", ".cp", Language::kCxx)
      .Cases(".CXX", ".C++", ".CC", Language::kCxx)
      .Default(Language::kNone);
}

std::string CheckFlags(const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) {
    llvm::StringRef f(flag);
    if (f.starts_with("-fsanitize=")) {
      return "option '" + flag +
             "' is not supported: csim instruments the program itself; leave the option out";
    }
    if (IsRefused(f)) {
      return "option '" + flag + "' is not supported: csim compiles, links and runs the program";
    }
  }
  return "";
}

std::vector<std::string> CompileFlags(const std::vector<std::string>& flags, Language language,
                                      bool mixed, const std::string& include_dir) {
  const Language other = language == Language::kC ? Language::kCxx : Language::kC;
  std::vector<std::string> result = {"-Qunused-arguments", LastOptimisation({}),
                                     language == Language::kC ? "-std=gnu17" : "-std=gnu++20"};
  if (language == Language::kC) result.push_back("-fexceptions");
  if (!include_dir.empty()) {
    result.push_back("-isystem" + include_dir);
    if (language == Language::kCxx) {
      // Waits of the C++20 library as operations of the simulated machine.
      result.push_back("-isystem" + include_dir + "/csim-libstdc++");
      result.push_back("-D_GLIBCXX_USE_POSIX_SEMAPHORE=1");
    }
  }
  if (std::none_of(flags.begin(), flags.end(), AsksForWarnings)) result.push_back("-w");
  for (const std::string& flag : flags) {
    if (mixed && IsStandard(flag, other)) continue;
    if (llvm::StringRef(flag).starts_with("-flto")) continue;
    result.push_back(flag);
  }
  if (!HasDebugInfo(flags)) result.push_back("-gline-tables-only");
  result.insert(result.end(),
                {"-gcolumn-info", "-fno-omit-frame-pointer", "-U_FORTIFY_SOURCE",
                 "-D_FORTIFY_SOURCE=0", "-fPIE",
                 // A frame larger than the guard page must not step over it, and a
                 // block that is only allocated and freed is still one.
                 "-fstack-clash-protection", "-fno-builtin-malloc", "-fno-builtin-calloc",
                 "-fno-builtin-realloc", "-Xclang", "-disable-O0-optnone"});
  return result;
}

std::vector<std::string> LinkFlags(const std::vector<std::string>& flags) {
  std::vector<std::string> result = {"-Qunused-arguments", "-pie", "-Wl,-z,now"};
  for (const std::string& flag : flags) {
    llvm::StringRef f(flag);
    if (f.starts_with("-flto") || f.starts_with("-fuse-ld")) continue;
    result.push_back(flag);
  }
  return result;
}

}  // namespace csim::instrument
