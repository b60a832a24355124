// See macro_watcher.h.
#include "instrument/source/macro_watcher.h"

#include <memory>

#include "clang/Basic/SourceManager.h"
#include "clang/Lex/MacroArgs.h"
#include "clang/Lex/MacroInfo.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"

namespace csim::instrument {
namespace {

// Macros that change what standard headers declare.
bool IsLibraryMacro(llvm::StringRef name) {
  for (const char* prefix :
       {"_GLIBCXX", "__GLIBCXX", "__STDC", "_GNU_SOURCE", "_POSIX", "_XOPEN", "_FILE_OFFSET",
        "_LARGEFILE", "_ISOC", "_DEFAULT_SOURCE", "_BSD_SOURCE", "_SVID_SOURCE", "_ATFILE",
        "_REENTRANT", "_THREAD_SAFE", "_FORTIFY_SOURCE", "_TIME_BITS", "__cpp_", "__USE_"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

// False for what assert is under NDEBUG.
bool CanFail(const clang::MacroInfo& assert_macro) {
  for (const clang::Token& token : assert_macro.tokens()) {
    const clang::IdentifierInfo* identifier = token.getIdentifierInfo();
    if (identifier != nullptr && identifier->getName() == "__assert_fail") return true;
  }
  return false;
}

class Watcher : public clang::PPCallbacks {
 public:
  Watcher(clang::Preprocessor& preprocessor, MacroFindings& findings)
      : preprocessor_(preprocessor),
        sources_(preprocessor.getSourceManager()),
        findings_(findings) {}

  void MacroDefined(const clang::Token& name, const clang::MacroDirective*) override {
    CheckName(name);
  }
  void MacroUndefined(const clang::Token& name, const clang::MacroDefinition&,
                      const clang::MacroDirective*) override {
    CheckName(name);
  }
  void MacroExpands(const clang::Token& name, const clang::MacroDefinition& definition,
                    clang::SourceRange range, const clang::MacroArgs* arguments) override {
    if (arguments == nullptr || name.getIdentifierInfo()->getName() != "assert") return;
    const clang::MacroInfo* info = definition.getMacroInfo();
    if (info == nullptr || !CanFail(*info) || !sources_.isInSystemHeader(info->getDefinitionLoc()))
      return;
    if (sources_.isInSystemHeader(sources_.getExpansionLoc(range.getBegin()))) return;
    const bool in_macro = range.getBegin().isMacroID() || range.getEnd().isMacroID();
    findings_.asserts.push_back({range.getBegin(), range.getEnd(), in_macro});
  }

 private:
  void CheckName(const clang::Token& name) {
    const clang::SourceLocation location = name.getLocation();
    if (findings_.redefines_library_macros || location.isInvalid()) return;
    const clang::IdentifierInfo* identifier = name.getIdentifierInfo();
    const bool matters =
        IsLibraryMacro(identifier->getName()) || identifier->isKeyword(preprocessor_.getLangOpts());
    if (!matters || sources_.isWrittenInBuiltinFile(location) ||
        sources_.isWrittenInCommandLineFile(location) || sources_.isInSystemHeader(location)) {
      return;
    }
    findings_.redefines_library_macros = true;
  }

  clang::Preprocessor& preprocessor_;
  clang::SourceManager& sources_;
  MacroFindings& findings_;
};

}  // namespace

void WatchMacros(clang::Preprocessor& preprocessor, MacroFindings& findings) {
  preprocessor.addPPCallbacks(std::make_unique<Watcher>(preprocessor, findings));
}

}  // namespace csim::instrument
