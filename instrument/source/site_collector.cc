// See site_collector.h. The texts of things are in site_text.cc.
#include "instrument/source/site_collector.h"

#include <algorithm>

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "clang/Basic/SourceManager.h"
#include "instrument/source/helper_header.h"

namespace csim::instrument {

SiteCollector::SiteCollector(clang::ASTContext& context, const EditSet* edits, SourceTable& table)
    : context_(context), sources_(context.getSourceManager()), edits_(edits), table_(table) {}

SourceFile* SiteCollector::FileOf(clang::SourceLocation location) {
  const clang::FileID id = sources_.getFileID(location);
  if (id == last_file_id_) return last_file_;
  last_file_id_ = id;
  last_file_ = nullptr;
  last_edits_ = nullptr;
  const clang::PresumedLoc place = sources_.getPresumedLoc(location);
  if (place.isInvalid() || sources_.isInSystemHeader(location)) return nullptr;
  llvm::StringRef shown = place.getFilename();
  if (shown.starts_with("<") || shown.ends_with(kHelperHeaderName)) return nullptr;
  last_file_ = &table_.files[AbsolutePathOf(shown)];
  last_file_->shown = shown.str();
  if (edits_ != nullptr) {
    auto it = edits_->find(shown.str());
    if (it != edits_->end()) last_edits_ = &it->second;
  }
  return last_file_;
}

void SiteCollector::Add(clang::SourceLocation location, const std::string& text, What what) {
  if (location.isInvalid()) return;
  location = sources_.getExpansionLoc(location);
  SourceFile* file = FileOf(location);
  if (file == nullptr) return;
  const clang::PresumedLoc place = sources_.getPresumedLoc(location);
  SourceEntry entry;
  entry.kind = what.kind;
  entry.writes = what.writes;
  entry.text = text;
  entry.variable = std::move(what.variable);
  entry.callee = std::move(what.callee);
  unsigned column = place.getColumn();
  if (last_edits_ != nullptr) {
    column = last_edits_->ColumnOf(last_edits_->ToOriginal(sources_.getFileOffset(location)));
  }
  entry.column = static_cast<uint16_t>(std::min(column, 0xffffu));
  if (!what.type.isNull() && !what.type->isDependentType() && !what.type->isIncompleteType() &&
      !what.type->isFunctionType() && !what.type->isUndeducedType()) {
    const clang::QualType type = what.type.getNonReferenceType();
    if (!type->isIncompleteType() && !type->isFunctionType()) {
      entry.size = static_cast<uint32_t>(context_.getTypeSizeInChars(type).getQuantity());
    }
  }
  file->entries[PlaceKey(place.getLine(), place.getColumn())].push_back(std::move(entry));
}

void SiteCollector::Add(const clang::Expr* expression, What what) {
  if (what.type.isNull()) what.type = expression->getType();
  Add(expression->getExprLoc(), Text(expression->getSourceRange()), std::move(what));
}

bool SiteCollector::VisitFunctionDecl(clang::FunctionDecl* function) {
  for (const auto* attribute : function->specific_attrs<clang::NoSanitizeAttr>()) {
    const bool quiet = static_cast<bool>(attribute->getMask() & clang::SanitizerKind::Thread);
    const clang::SourceLocation location = sources_.getExpansionLoc(function->getLocation());
    SourceFile* file = quiet ? FileOf(location) : nullptr;
    if (file != nullptr) file->quiet_functions.insert(sources_.getPresumedLineNumber(location));
  }
  return true;
}

bool SiteCollector::VisitVarDecl(clang::VarDecl* variable) {
  if (!variable->hasInit() || llvm::isa<clang::ParmVarDecl>(variable)) return true;
  const std::string text = Text(variable->getSourceRange());
  const std::string subject = SubjectOf(variable);
  const clang::SourceLocation location = variable->getLocation();
  Add(location, text,
      {.kind = EntryKind::kAccess,
       .writes = true,
       .type = variable->getType(),
       .variable = subject});
  Add(location, text, {.kind = EntryKind::kCall, .variable = subject});
  return true;
}

// Implicit constructors write members that have an initialiser in the class.
bool SiteCollector::VisitFieldDecl(clang::FieldDecl* field) {
  if (!field->hasInClassInitializer()) return true;
  Add(field->getLocation(), Text(field->getSourceRange()),
      {.writes = true, .type = field->getType(), .variable = field->getQualifiedNameAsString()});
  return true;
}

bool SiteCollector::VisitMaterializeTemporaryExpr(clang::MaterializeTemporaryExpr* expression) {
  Add(expression, {.writes = true});
  return true;
}

bool SiteCollector::VisitDeclRefExpr(clang::DeclRefExpr* expression) {
  if (llvm::isa<clang::VarDecl>(expression->getDecl())) {
    Add(expression, {.variable = VariableOf(expression)});
  }
  return true;
}

bool SiteCollector::VisitMemberExpr(clang::MemberExpr* expression) {
  if (!llvm::isa<clang::CXXMethodDecl>(expression->getMemberDecl())) {
    Add(expression, {.variable = VariableOf(expression)});
  }
  return true;
}

bool SiteCollector::VisitCXXDependentScopeMemberExpr(
    clang::CXXDependentScopeMemberExpr* expression) {
  Add(expression->getMemberLoc(), Text(expression->getSourceRange()),
      {.variable = expression->getMember().getAsString()});
  return true;
}

bool SiteCollector::VisitArraySubscriptExpr(clang::ArraySubscriptExpr* expression) {
  Add(expression, {.variable = VariableOf(expression)});
  return true;
}

bool SiteCollector::VisitUnaryOperator(clang::UnaryOperator* expression) {
  if (expression->isIncrementDecrementOp()) {
    Add(expression, {.writes = true,
                     .type = expression->getSubExpr()->getType(),
                     .variable = VariableOf(expression->getSubExpr())});
  } else if (expression->getOpcode() == clang::UO_Deref) {
    Add(expression, {.variable = VariableOf(expression)});
  }
  return true;
}

bool SiteCollector::VisitBinaryOperator(clang::BinaryOperator* expression) {
  if (!expression->isAssignmentOp()) return true;
  const What what = {.writes = true,
                     .type = expression->getLHS()->getType(),
                     .variable = VariableOf(expression->getLHS())};
  Add(expression, what);
  // What is copied as a whole is copied where the right side stands.
  if (what.type->isRecordType() || what.type->isAnyComplexType()) {
    Add(expression->getRHS()->getExprLoc(), Text(expression->getSourceRange()), what);
  }
  return true;
}

bool SiteCollector::VisitCallExpr(clang::CallExpr* expression) {
  clang::SourceLocation location = expression->getExprLoc();
  if (auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(
          expression->getCallee()->IgnoreParens())) {
    location = member->getMemberLoc();
  } else if (auto* unresolved = llvm::dyn_cast<clang::UnresolvedMemberExpr>(
                 expression->getCallee()->IgnoreParens())) {
    location = unresolved->getMemberLoc();
  }
  const std::string text = Text(expression->getSourceRange());
  const std::string subject = SubjectOfCall(expression);
  Add(location, text, {.kind = EntryKind::kCall, .variable = subject});
  if (expression->isGLValue()) {  // `v[1]`: the caller reads or writes what it refers to
    Add(location, text, {.type = expression->getType(), .variable = subject});
  }
  return true;
}

bool SiteCollector::VisitAtomicExpr(clang::AtomicExpr* expression) {
  Add(expression, {.writes = true,
                   .type = expression->getValueType(),
                   .variable = ObjectText(expression->getPtr())});
  return true;
}

bool SiteCollector::VisitCXXConstructExpr(clang::CXXConstructExpr* expression) {
  const llvm::ArrayRef<const clang::Expr*> arguments(expression->getArgs(),
                                                     expression->getNumArgs());
  Add(expression,
      {.kind = EntryKind::kCall, .variable = SubjectOf(expression->getType(), arguments)});
  return true;
}

bool SiteCollector::VisitCXXUnresolvedConstructExpr(clang::CXXUnresolvedConstructExpr* expression) {
  const std::vector<const clang::Expr*> arguments(expression->arg_begin(), expression->arg_end());
  Add(expression,
      {.kind = EntryKind::kCall, .variable = SubjectOf(expression->getTypeAsWritten(), arguments)});
  return true;
}

bool SiteCollector::VisitCXXNewExpr(clang::CXXNewExpr* expression) {
  Add(expression,
      {.kind = EntryKind::kCall, .variable = expression->getAllocatedType().getAsString()});
  return true;
}

bool SiteCollector::VisitCXXDeleteExpr(clang::CXXDeleteExpr* expression) {
  Add(expression,
      {.kind = EntryKind::kCall, .variable = Text(expression->getArgument()->getSourceRange())});
  return true;
}

bool SiteCollector::VisitCXXThrowExpr(clang::CXXThrowExpr* expression) {
  Add(expression, {.kind = EntryKind::kCall});
  return true;
}

void SiteCollector::AddScopeEnd(const clang::VarDecl* variable, clang::SourceLocation end) {
  const clang::QualType type = variable->getType();
  if (!variable->hasLocalStorage() || type->isReferenceType()) return;
  const clang::CXXRecordDecl* record = type->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
  std::string callee = "~";
  if (record != nullptr) {
    if (record->hasDefinition() && record->hasTrivialDestructor()) return;
    callee += record->getName();
  } else if (auto* written = type->getAs<clang::TemplateSpecializationType>()) {
    callee += written->getTemplateName().getAsTemplateDecl()->getName();
  } else {
    return;
  }
  Add(end, "end of `" + Text(variable->getSourceRange()) + "`",
      {.kind = EntryKind::kScopeEnd, .variable = SubjectOf(variable), .callee = callee});
}

bool SiteCollector::VisitCompoundStmt(clang::CompoundStmt* block) {
  for (const clang::Stmt* statement : block->body()) {
    auto* declarations = llvm::dyn_cast<clang::DeclStmt>(statement);
    if (declarations == nullptr) continue;
    for (const clang::Decl* declaration : declarations->decls()) {
      auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration);
      if (variable != nullptr) AddScopeEnd(variable, block->getRBracLoc());
    }
  }
  return true;
}

bool SiteCollector::VisitCXXForRangeStmt(clang::CXXForRangeStmt* loop) {
  const clang::SourceRange header(loop->getForLoc(), loop->getRParenLoc());
  const std::string range = Text(loop->getRangeInit()->getSourceRange());
  Add(loop->getColonLoc(), Text(header), {.kind = EntryKind::kCall, .variable = range});
  return true;
}

bool SiteCollector::TraverseConstructorInitializer(clang::CXXCtorInitializer* initializer) {
  if (initializer->isWritten() && initializer->isAnyMemberInitializer()) {
    const clang::FieldDecl* field = initializer->getAnyMember();
    Add(initializer->getSourceLocation(), Text(initializer->getSourceRange()),
        {.writes = true, .type = field->getType(), .variable = field->getQualifiedNameAsString()});
  }
  return RecursiveASTVisitor::TraverseConstructorInitializer(initializer);
}

}  // namespace csim::instrument
