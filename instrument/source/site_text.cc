// The texts of site_collector.h: how expressions, variables and functions are called in reports.
#include <cctype>

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/ExprCXX.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "instrument/source/site_collector.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace csim::instrument {
namespace {

constexpr size_t kLongestText = 80;

// White space folded to one blank, cut where it gets too long.
std::string Fold(llvm::StringRef text) {
  std::string result;
  for (char c : text) {
    const bool space = isspace(static_cast<unsigned char>(c)) != 0;
    if (space && (result.empty() || result.back() == ' ')) continue;
    result.push_back(space ? ' ' : c);
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  if (result.size() > kLongestText) {
    result.resize(kLongestText - 3);
    while (!result.empty() && (result.back() & 0x80) != 0) result.pop_back();  // no half characters
    result += "...";
  }
  return result;
}

bool IsLockClass(llvm::StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases("lock_guard", "unique_lock", "shared_lock", "scoped_lock", true)
      .Default(false);
}

bool IsThreadClass(llvm::StringRef name) { return name == "thread" || name == "jthread"; }

// Name of a class, or of a class template whose arguments are not known yet.
llvm::StringRef ClassName(clang::QualType type) {
  if (type.isNull()) return "";
  if (const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl()) return record->getName();
  if (auto* written = type->getAs<clang::TemplateSpecializationType>()) {
    if (auto* declaration = written->getTemplateName().getAsTemplateDecl()) {
      return declaration->getName();
    }
  }
  if (auto* deduced = type->getAs<clang::DeducedTemplateSpecializationType>()) {
    if (auto* declaration = deduced->getTemplateName().getAsTemplateDecl()) {
      return declaration->getName();
    }
  }
  return "";
}

std::string WithoutAnonymous(std::string name) {
  static constexpr char kAnonymous[] = "(anonymous namespace)::";
  for (size_t at; (at = name.find(kAnonymous)) != std::string::npos;) {
    name.erase(at, sizeof(kAnonymous) - 1);
  }
  return name;
}

// The element class of a container that `object` is: vector<thread> gives "thread".
llvm::StringRef ElementClass(clang::QualType type) {
  const clang::CXXRecordDecl* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  auto* container = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(record);
  if (container == nullptr || container->getTemplateArgs().size() == 0) return "";
  const clang::TemplateArgument& element = container->getTemplateArgs()[0];
  if (element.getKind() != clang::TemplateArgument::Type) return "";
  return ClassName(element.getAsType());
}

std::vector<const clang::Expr*> ArgumentsOf(const clang::Expr* initializer) {
  if (initializer == nullptr) return {};
  initializer = initializer->IgnoreUnlessSpelledInSource();
  if (auto* construct = llvm::dyn_cast<clang::CXXConstructExpr>(initializer)) {
    return {construct->arg_begin(), construct->arg_end()};
  }
  if (auto* list = llvm::dyn_cast<clang::ParenListExpr>(initializer)) {
    std::vector<const clang::Expr*> result;
    for (unsigned i = 0; i < list->getNumExprs(); ++i) result.push_back(list->getExpr(i));
    return result;
  }
  if (auto* list = llvm::dyn_cast<clang::InitListExpr>(initializer)) {
    return {list->inits().begin(), list->inits().end()};
  }
  return {initializer};
}

}  // namespace

std::string AbsolutePathOf(llvm::StringRef path) {
  llvm::SmallString<256> absolute(path);
  llvm::sys::fs::make_absolute(absolute);
  llvm::sys::path::remove_dots(absolute);
  return absolute.str().str();
}

std::string FunctionNameOf(const clang::DeclContext* context, const clang::SourceManager& sources) {
  while (context != nullptr && !context->isFunctionOrMethod()) context = context->getParent();
  auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(context);
  if (function == nullptr) return "";
  auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function);
  if (method == nullptr || !method->getParent()->isLambda()) {
    return WithoutAnonymous(function->getQualifiedNameAsString());
  }
  const unsigned line =
      sources.getPresumedLineNumber(sources.getExpansionLoc(method->getParent()->getBeginLoc()));
  std::string outer = FunctionNameOf(method->getParent()->getParent(), sources);
  const size_t at = outer.find(" at line ");
  if (at != std::string::npos) outer.erase(at);
  return (outer.empty() ? "" : outer + "::") + "lambda at line " + std::to_string(line);
}

std::string SiteCollector::Text(clang::SourceRange range) const {
  if (range.isInvalid()) return "";
  const clang::LangOptions& options = context_.getLangOpts();
  clang::CharSourceRange characters = sources_.getExpansionRange(range);
  if (last_edits_ == nullptr && edits_ == nullptr) {
    return Fold(clang::Lexer::getSourceText(characters, sources_, options));
  }
  characters = clang::Lexer::getAsCharRange(characters, sources_, options);
  const clang::PresumedLoc place = sources_.getPresumedLoc(characters.getBegin());
  auto it = place.isInvalid() ? edits_->end() : edits_->find(place.getFilename());
  if (it == edits_->end()) {
    return Fold(clang::Lexer::getSourceText(characters, sources_, options));
  }
  const FileEdits& edits = it->second;
  const unsigned begin = edits.ToOriginal(sources_.getFileOffset(characters.getBegin()));
  const unsigned last = sources_.getFileOffset(characters.getEnd());
  const unsigned end = last == 0 ? 0 : edits.EndToOriginal(last);
  return end <= begin ? "" : Fold(llvm::StringRef(edits.original()).slice(begin, end));
}

std::string SiteCollector::ObjectText(const clang::Expr* expression) const {
  expression = expression->IgnoreParenImpCasts();
  if (auto* address = llvm::dyn_cast<clang::UnaryOperator>(expression)) {
    if (address->getOpcode() == clang::UO_AddrOf) expression = address->getSubExpr();
  }
  expression = expression->IgnoreParenImpCasts();
  return Text(expression->getSourceRange());
}

std::string SiteCollector::VariableOf(const clang::Expr* expression) const {
  expression = expression->IgnoreParenImpCasts();
  if (auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expression)) {
    const clang::ValueDecl* declaration = reference->getDecl();
    if (declaration->getDeclContext()->isFunctionOrMethod()) return declaration->getNameAsString();
    return WithoutAnonymous(declaration->getQualifiedNameAsString());
  }
  if (auto* member = llvm::dyn_cast<clang::MemberExpr>(expression)) {
    const clang::ValueDecl* declaration = member->getMemberDecl();
    return WithoutAnonymous(declaration->getQualifiedNameAsString());
  }
  if (auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(expression)) {
    return VariableOf(subscript->getBase());
  }
  if (auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(expression)) {
    return member->getMember().getAsString();
  }
  return Text(expression->getSourceRange());
}

std::string SiteCollector::EntryFunction(const clang::Expr* expression) const {
  expression = expression->IgnoreUnlessSpelledInSource()->IgnoreParenImpCasts();
  if (auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(expression)) {
    return FunctionNameOf(lambda->getCallOperator(), sources_);
  }
  if (auto* address = llvm::dyn_cast<clang::UnaryOperator>(expression)) {
    if (address->getOpcode() == clang::UO_AddrOf) return EntryFunction(address->getSubExpr());
  }
  if (auto* cast = llvm::dyn_cast<clang::ExplicitCastExpr>(expression)) {
    return EntryFunction(cast->getSubExpr());
  }
  if (auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expression)) {
    return WithoutAnonymous(reference->getDecl()->getQualifiedNameAsString());
  }
  return Text(expression->getSourceRange());
}

std::string SiteCollector::SubjectOf(clang::QualType type,
                                     llvm::ArrayRef<const clang::Expr*> arguments) const {
  const llvm::StringRef name = ClassName(type);
  if (arguments.empty()) return "";
  if (IsThreadClass(name)) return EntryFunction(arguments[0]);
  if (!IsLockClass(name)) return "";
  std::string result;
  for (const clang::Expr* argument : arguments) {
    if (argument->isDefaultArgument()) continue;
    const std::string text = ObjectText(argument);
    if (llvm::StringRef(text).ends_with("_lock")) continue;  // std::defer_lock and the like
    result += (result.empty() ? "" : ", ") + text;
    if (name != "scoped_lock") break;
  }
  return result;
}

std::string SiteCollector::SubjectOf(const clang::VarDecl* variable) const {
  const std::string subject = SubjectOf(variable->getType(), ArgumentsOf(variable->getInit()));
  if (!subject.empty()) return subject;
  if (variable->getDeclContext()->isFunctionOrMethod()) return variable->getNameAsString();
  return WithoutAnonymous(variable->getQualifiedNameAsString());
}

std::string SiteCollector::SubjectOfCall(const clang::CallExpr* call) const {
  if (auto* member = llvm::dyn_cast<clang::CXXMemberCallExpr>(call)) {
    const clang::Expr* object = member->getImplicitObjectArgument();
    if (object == nullptr || object->isImplicitCXXThis()) return "";
    const clang::CXXMethodDecl* method = member->getMethodDecl();
    const bool adds = method != nullptr && method->getIdentifier() != nullptr &&
                      (method->getName() == "emplace_back" || method->getName() == "push_back");
    if (adds && call->getNumArgs() > 0 && IsThreadClass(ElementClass(object->getType()))) {
      return EntryFunction(call->getArg(0));
    }
    return ObjectText(object);
  }
  if (auto* member =
          llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(call->getCallee()->IgnoreParens())) {
    return member->isImplicitAccess() ? "" : ObjectText(member->getBase());
  }
  if (call->getNumArgs() == 0) return "";
  if (llvm::isa<clang::CXXOperatorCallExpr>(call)) return ObjectText(call->getArg(0));
  const clang::FunctionDecl* function = call->getDirectCallee();
  const bool named = function != nullptr && function->getIdentifier() != nullptr;
  const llvm::StringRef name = named ? function->getName() : "";
  if (name == "pthread_create" && call->getNumArgs() > 2) return EntryFunction(call->getArg(2));
  if (name == "thrd_create" && call->getNumArgs() > 1) return EntryFunction(call->getArg(1));
  if (name == "async") {
    const bool policy = call->getArg(0)->getType()->isEnumeralType() && call->getNumArgs() > 1;
    return EntryFunction(call->getArg(policy ? 1 : 0));
  }
  const clang::Expr* first = call->getArg(0)->IgnoreParenImpCasts();
  if (llvm::isa<clang::StringLiteral>(first)) return "";
  const clang::QualType type = first->getType();
  const bool object = type->isPointerType() || type->isRecordType() || type->isArrayType();
  return object ? ObjectText(first) : "";
}

}  // namespace csim::instrument
