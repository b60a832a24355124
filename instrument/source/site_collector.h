// Fills the source table: walks the declarations of user files and notes every expression that
// reads, writes, calls or constructs.
#ifndef CSIM_INSTRUMENT_SOURCE_SITE_COLLECTOR_H_
#define CSIM_INSTRUMENT_SOURCE_SITE_COLLECTOR_H_

#include "clang/AST/RecursiveASTVisitor.h"
#include "instrument/source/edits.h"
#include "instrument/source/source_table.h"

namespace csim::instrument {

class SiteCollector : public clang::RecursiveASTVisitor<SiteCollector> {
 public:
  // `edits` (may be null) made the source that was parsed; columns and texts are given as they were
  // before.
  SiteCollector(clang::ASTContext& context, const EditSet* edits, SourceTable& table);

  // Templates are looked at as they are written, not as they are instantiated.
  bool shouldVisitTemplateInstantiations() const { return false; }
  bool shouldVisitImplicitCode() const { return false; }

  bool VisitFunctionDecl(clang::FunctionDecl* function);
  bool VisitVarDecl(clang::VarDecl* variable);
  bool VisitFieldDecl(clang::FieldDecl* field);
  bool VisitMaterializeTemporaryExpr(clang::MaterializeTemporaryExpr* expression);
  bool VisitDeclRefExpr(clang::DeclRefExpr* expression);
  bool VisitMemberExpr(clang::MemberExpr* expression);
  bool VisitCXXDependentScopeMemberExpr(clang::CXXDependentScopeMemberExpr* expression);
  bool VisitArraySubscriptExpr(clang::ArraySubscriptExpr* expression);
  bool VisitUnaryOperator(clang::UnaryOperator* expression);
  bool VisitBinaryOperator(clang::BinaryOperator* expression);
  bool VisitCallExpr(clang::CallExpr* expression);
  bool VisitAtomicExpr(clang::AtomicExpr* expression);
  bool VisitCXXConstructExpr(clang::CXXConstructExpr* expression);
  bool VisitCXXUnresolvedConstructExpr(clang::CXXUnresolvedConstructExpr* expression);
  bool VisitCXXNewExpr(clang::CXXNewExpr* expression);
  bool VisitCXXDeleteExpr(clang::CXXDeleteExpr* expression);
  bool VisitCXXThrowExpr(clang::CXXThrowExpr* expression);
  bool VisitCompoundStmt(clang::CompoundStmt* block);
  bool VisitCXXForRangeStmt(clang::CXXForRangeStmt* loop);
  bool TraverseConstructorInitializer(clang::CXXCtorInitializer* initializer);

 private:
  struct What {
    EntryKind kind = EntryKind::kAccess;
    bool writes = false;
    clang::QualType type = {};
    std::string variable = {};
    std::string callee = {};
  };
  SourceFile* FileOf(clang::SourceLocation location);
  void Add(clang::SourceLocation location, const std::string& text, What what);
  void Add(const clang::Expr* expression, What what);
  std::string Text(clang::SourceRange range) const;
  // Text of an object or pointer argument, without `&`.
  std::string ObjectText(const clang::Expr* expression) const;
  // The declaration that an lvalue expression names.
  std::string VariableOf(const clang::Expr* expression) const;
  // What a construction of `type` is about: the lock of a lock_guard, the entry function of a
  // thread.
  std::string SubjectOf(clang::QualType type, llvm::ArrayRef<const clang::Expr*> arguments) const;
  std::string SubjectOfCall(const clang::CallExpr* call) const;
  std::string SubjectOf(const clang::VarDecl* variable) const;
  // "worker", "main::lambda at line 12".
  std::string EntryFunction(const clang::Expr* expression) const;
  void AddScopeEnd(const clang::VarDecl* variable, clang::SourceLocation end);

  clang::ASTContext& context_;
  clang::SourceManager& sources_;
  const EditSet* edits_;
  SourceTable& table_;
  clang::FileID last_file_id_;
  SourceFile* last_file_ = nullptr;
  const FileEdits* last_edits_ = nullptr;
};

// "ns::Account::withdraw", "main::lambda at line 12"; empty outside of functions.
std::string FunctionNameOf(const clang::DeclContext* context, const clang::SourceManager& sources);

// Absolute path with dots removed, the way the code stage makes it from debug information.
std::string AbsolutePathOf(llvm::StringRef path);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_SITE_COLLECTOR_H_
