// See clang_run.h.
#include "instrument/frontend/clang_run.h"

#include <memory>

#include "clang/Basic/TargetInfo.h"
#include "clang/CodeGen/CodeGenAction.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Frontend/MultiplexConsumer.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "clang/Frontend/Utils.h"
#include "clang/Lex/HeaderSearch.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "instrument/frontend/clock.h"
#include "instrument/source/helper_header.h"
#include "instrument/source/source_stage.h"
#include "llvm/Support/TargetSelect.h"

namespace csim::instrument {
namespace {

class Dependencies : public clang::DependencyCollector {
 public:
  explicit Dependencies(std::vector<Dependency>& out) : out_(out) {}
  bool needSystemDependencies() override { return true; }
  bool sawDependency(llvm::StringRef file, bool, bool is_system, bool is_module,
                     bool is_missing) override {
    const bool real =
        !is_module && !is_missing && !file.starts_with("<") && !file.ends_with(kHelperHeaderName);
    if (real) out_.push_back({file.str(), is_system || file.ends_with(kPchHeaderSuffix)});
    return real;
  }

 private:
  std::vector<Dependency>& out_;
};

// Directories of system headers, absolute and as the code stage spells them.
void NoteSystemDirectories(clang::Preprocessor& preprocessor, SourceTable& table) {
  clang::HeaderSearch& search = preprocessor.getHeaderSearchInfo();
  for (auto it = search.system_dir_begin(); it != search.system_dir_end(); ++it) {
    table.system_directories.push_back(AbsolutePathOf(it->getName()));
  }
}

// Lets the source stage see every declaration, then the code generator.
class StageConsumer : public clang::MultiplexConsumer {
 public:
  StageConsumer(std::vector<std::unique_ptr<clang::ASTConsumer>> inner, clang::CompilerInstance& ci,
                const ClangRequest& request, SourceTable& table, ClangOutcome& outcome)
      : MultiplexConsumer(std::move(inner)),
        compiler_(ci),
        request_(request),
        table_(table),
        outcome_(outcome),
        stage_(ci, request.edits, request.rewrite, table) {}

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    stage_.See(group);
    return MultiplexConsumer::HandleTopLevelDecl(group);
  }

  // When only the source stage looks, the bodies of library functions do not matter.
  bool shouldSkipFunctionBody(clang::Decl* declaration) override {
    const clang::SourceManager& sources = compiler_.getSourceManager();
    return !request_.emit && sources.isInSystemHeader(declaration->getLocation());
  }

  void HandleTranslationUnit(clang::ASTContext& context) override {
    const Clock clock;
    outcome_.pch_unsafe = stage_.redefines_library_macros();
    if (compiler_.getDiagnostics().hasErrorOccurred() ||
        (outcome_.pch_unsafe && !request_.pch.empty())) {
      return;
    }
    NoteSystemDirectories(compiler_.getPreprocessor(), table_);
    stage_.Finish();
    outcome_.edits = stage_.TakeEdits();
    outcome_.notes = stage_.TakeNotes();
    outcome_.rewrite_seconds = clock.Seconds();
    if (!outcome_.edits.empty()) return;
    MultiplexConsumer::HandleTranslationUnit(context);
    outcome_.codegen_seconds = clock.Seconds() - outcome_.rewrite_seconds;
  }

 private:
  clang::CompilerInstance& compiler_;
  const ClangRequest& request_;
  SourceTable& table_;
  ClangOutcome& outcome_;
  SourceStage stage_;
};

// Parses, and generates code if Base does. Base: clang::EmitObjAction or clang::ASTFrontendAction.
template <class Base>
class InstrumentAction : public Base {
 public:
  InstrumentAction(const ClangRequest& request, SourceTable& table, ClangOutcome& outcome)
      : request_(request), table_(table), outcome_(outcome) {}

 protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef file) override {
    std::vector<std::unique_ptr<clang::ASTConsumer>> inner;
    if constexpr (std::is_same_v<Base, clang::EmitObjAction>) {
      inner.push_back(Base::CreateASTConsumer(compiler, file));
    }
    return std::make_unique<StageConsumer>(std::move(inner), compiler, request_, table_, outcome_);
  }

 private:
  const ClangRequest& request_;
  SourceTable& table_;
  ClangOutcome& outcome_;
};

void InitializeTargets() {
  static const bool done = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
    return true;
  }();
  (void)done;
}

// A compiler whose diagnostics go to `text`; null if the arguments are bad.
std::unique_ptr<clang::CompilerInstance> MakeCompiler(const std::vector<std::string>& arguments,
                                                      llvm::raw_ostream& text) {
  InitializeTargets();
  auto compiler = std::make_unique<clang::CompilerInstance>();
  std::vector<const char*> words;
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  llvm::IntrusiveRefCntPtr<clang::DiagnosticOptions> options(new clang::DiagnosticOptions);
  clang::DiagnosticsEngine early(new clang::DiagnosticIDs, options,
                                 new clang::TextDiagnosticPrinter(text, options.get()));
  if (!clang::CompilerInvocation::CreateFromArgs(compiler->getInvocation(), words, early)) {
    return nullptr;
  }
  compiler->setVerboseOutputStream(text);
  compiler->createDiagnostics(
      new clang::TextDiagnosticPrinter(text, &compiler->getDiagnosticOpts()), true);
  compiler->getFrontendOpts().DisableFree = false;
  return compiler;
}

void UseEdits(const EditSet& edits, clang::PreprocessorOptions& options) {
  for (const auto& [path, file] : edits) {
    options.addRemappedFile(path,
                            llvm::MemoryBuffer::getMemBufferCopy(file.Apply(), path).release());
  }
  const std::string helper = std::string("/") + kHelperHeaderName;
  options.addRemappedFile(
      helper, llvm::MemoryBuffer::getMemBufferCopy(HelperHeaderText(), helper).release());
  options.Includes.push_back(helper);
}

}  // namespace

ClangOutcome RunClang(const ClangRequest& request) {
  const Clock clock;
  ClangOutcome outcome;
  llvm::raw_string_ostream text(outcome.diagnostics);
  text.enable_colors(request.colors);
  std::unique_ptr<clang::CompilerInstance> compiler = MakeCompiler(request.arguments, text);
  if (compiler == nullptr) return outcome;
  clang::PreprocessorOptions& preprocessor = compiler->getPreprocessorOpts();
  if (!request.pch.empty()) {
    preprocessor.ImplicitPCHInclude = request.pch;
    preprocessor.DisablePCHOrModuleValidation = clang::DisableValidationForModuleKind::PCH;
  }
  if (request.edits != nullptr) UseEdits(*request.edits, preprocessor);
  SourceTable table;
  compiler->getCodeGenOpts().PassBuilderCallbacks.push_back(
      [&](llvm::PassBuilder& builder) { AddCodeStage(builder, {&table, request.points}); });
  compiler->addDependencyCollector(std::make_shared<Dependencies>(outcome.dependencies));
  compiler->getFrontendOpts().SkipFunctionBodies = !request.emit;
  llvm::SmallVector<char, 0> object;
  compiler->setOutputStream(std::make_unique<llvm::raw_svector_ostream>(object));
  if (request.emit) {
    InstrumentAction<clang::EmitObjAction> action(request, table, outcome);
    outcome.ok = compiler->ExecuteAction(action);
  } else {
    InstrumentAction<clang::ASTFrontendAction> action(request, table, outcome);
    outcome.ok = compiler->ExecuteAction(action);
  }
  outcome.object.assign(object.begin(), object.end());
  outcome.parse_seconds = clock.Seconds() - outcome.codegen_seconds - outcome.rewrite_seconds;
  return outcome;
}

ClangOutcome MakePch(const std::vector<std::string>& arguments, const std::string& header,
                     const std::string& output) {
  const Clock clock;
  ClangOutcome outcome;
  std::vector<std::string> words = WithoutInput(arguments);
  words.insert(words.end(), {"-fpch-instantiate-templates", "-emit-pch", "-o", output, "-x",
                             "c++-header", header});
  llvm::raw_string_ostream text(outcome.diagnostics);
  std::unique_ptr<clang::CompilerInstance> compiler = MakeCompiler(words, text);
  if (compiler == nullptr) return outcome;
  compiler->addDependencyCollector(std::make_shared<Dependencies>(outcome.dependencies));
  clang::GeneratePCHAction action;
  outcome.ok = compiler->ExecuteAction(action);
  outcome.parse_seconds = clock.Seconds();
  return outcome;
}

std::vector<std::string> WithoutInput(const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  for (size_t i = 0; i + 1 < arguments.size(); ++i) {  // the input comes last
    const std::string& word = arguments[i];
    if (word == "-main-file-name" || word == "-o" || word == "-x" || word == "-dumpdir") {
      ++i;
    } else if (word != "-emit-obj" && word != "-fcolor-diagnostics" &&
               word.rfind("-fdebug-compilation-dir=", 0) != 0 &&
               word.rfind("-fcoverage-compilation-dir=", 0) != 0) {
      result.push_back(word);
    }
  }
  return result;
}

}  // namespace csim::instrument
