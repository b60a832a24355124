// See source_stage.h.
#include "instrument/source/source_stage.h"

#include "clang/AST/ASTContext.h"
#include "clang/Lex/Preprocessor.h"
#include "instrument/source/assert_rewriter.h"
#include "instrument/source/contract_rewriter.h"

namespace csim::instrument {

SourceStage::SourceStage(clang::CompilerInstance& compiler, const EditSet* edits, bool rewrite,
                         SourceTable& table)
    : compiler_(compiler), applied_(edits), rewrite_(rewrite), table_(table) {
  WatchMacros(compiler.getPreprocessor(), macros_);
}

bool SourceStage::IsUserCode(const clang::Decl& declaration) const {
  const clang::SourceManager& sources = compiler_.getSourceManager();
  const clang::SourceLocation location = sources.getExpansionLoc(declaration.getLocation());
  if (location.isInvalid() || declaration.isFromASTFile() || sources.isInSystemHeader(location)) {
    return false;
  }
  auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration);
  if (function != nullptr && function->isTemplateInstantiation()) return false;
  auto* variable = llvm::dyn_cast<clang::VarDecl>(&declaration);
  return variable == nullptr ||
         !clang::isTemplateInstantiation(variable->getTemplateSpecializationKind());
}

void SourceStage::See(clang::DeclGroupRef group) {
  for (clang::Decl* declaration : group) {
    if (IsUserCode(*declaration)) declarations_.push_back(declaration);
  }
}

void SourceStage::Finish() {
  clang::ASTContext& context = compiler_.getASTContext();
  SiteCollector collector(context, applied_, table_);
  for (clang::Decl* declaration : declarations_) collector.TraverseDecl(declaration);
  if (!rewrite_) return;
  AssertRewriter rewriter(context, macros_.asserts);
  for (clang::Decl* declaration : declarations_) rewriter.TraverseDecl(declaration);
  rewriter.Finish(planned_, notes_);
  ContractRewriter contracts(context);
  for (clang::Decl* declaration : declarations_) contracts.TraverseDecl(declaration);
  contracts.Finish(planned_, notes_);
}

}  // namespace csim::instrument
