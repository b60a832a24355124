// See driver.h.
#include "instrument/frontend/driver.h"

#include <memory>

#include "clang/Driver/Compilation.h"
#include "clang/Driver/Driver.h"
#include "clang/Driver/Job.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

namespace csim::instrument {
namespace {

constexpr char kBuiltinHeader[] = "/lib/clang/19/include/stddef.h";

std::string FindLlvmDirectory() {
  for (const char* directory : {CSIM_LLVM_DIR, "/usr/lib/llvm-19", "/usr/local", "/usr"}) {
    if (llvm::sys::fs::exists(std::string(directory) + kBuiltinHeader)) return directory;
  }
  return "";
}

std::string FindLinker() {
  for (const char* name : {"/bin/ld.lld", "/bin/ld.lld-19"}) {
    const std::string path = LlvmDirectory() + name;
    if (llvm::sys::fs::can_execute(path)) return path;
  }
  return "/usr/bin/ld.lld-19";
}

// Runs the driver; the result has the arguments of the job that `is_wanted` names.
DriverResult RunDriver(const std::vector<std::string>& arguments, bool link) {
  DriverResult result;
  if (LlvmDirectory().empty()) {
    result.diagnostics = "csim: error: clang 19's own headers were not found; install clang-19\n";
    return result;
  }
  llvm::raw_string_ostream text(result.diagnostics);
  llvm::IntrusiveRefCntPtr<clang::DiagnosticOptions> options(new clang::DiagnosticOptions);
  options->ShowColors = WantsColors(arguments);
  auto* printer = new clang::TextDiagnosticPrinter(text, options.get());
  printer->setPrefix("csim");
  clang::DiagnosticsEngine diagnostics(new clang::DiagnosticIDs, options, printer);
  // `clang++` in name only: it tells the driver where its headers are and how to link.
  const std::string name = LlvmDirectory() + (link ? "/bin/clang++" : "/bin/clang");
  clang::driver::Driver driver(name, llvm::sys::getDefaultTargetTriple(), diagnostics);
  driver.setCheckInputsExist(false);
  std::vector<const char*> argv = {name.c_str()};
  if (link) argv.push_back("--driver-mode=g++");
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::unique_ptr<clang::driver::Compilation> compilation(driver.BuildCompilation(argv));
  if (compilation == nullptr || diagnostics.hasErrorOccurred()) return result;
  for (const clang::driver::Command& job : compilation->getJobs()) {
    const llvm::opt::ArgStringList& words = job.getArguments();
    const bool is_compiler = !words.empty() && llvm::StringRef(words[0]) == "-cc1";
    if (is_compiler == link) continue;
    if (link) result.program = job.getExecutable();
    for (size_t i = link ? 0 : 1; i < words.size(); ++i) result.arguments.push_back(words[i]);
    result.ok = true;
    return result;
  }
  return result;
}

}  // namespace

const std::string& LlvmDirectory() {
  static const std::string directory = FindLlvmDirectory();
  return directory;
}

std::string ClangProgram(bool cxx) {
  return LlvmDirectory() + (cxx ? "/bin/clang++" : "/bin/clang");
}

bool WantsColors(const std::vector<std::string>& flags) {
  bool colors = llvm::sys::Process::StandardErrHasColors();
  for (const std::string& flag : flags) {
    if (flag == "-fcolor-diagnostics" || flag == "-fdiagnostics-color=always") colors = true;
    if (flag == "-fno-color-diagnostics" || flag == "-fdiagnostics-color=never") colors = false;
  }
  return colors;
}

DriverResult CompileArguments(const std::string& source, const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = flags;
  arguments.insert(arguments.end(), {"-c", source, "-o", "-"});
  return RunDriver(arguments, false);
}

DriverResult LinkArguments(const std::vector<std::string>& inputs,
                           const std::vector<std::string>& flags, const std::string& output) {
  std::vector<std::string> arguments = {"--ld-path=" + FindLinker()};
  arguments.insert(arguments.end(), inputs.begin(), inputs.end());
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  arguments.insert(arguments.end(), {"-o", output});
  return RunDriver(arguments, true);
}

}  // namespace csim::instrument
