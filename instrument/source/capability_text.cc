// See capability_text.h.
#include "instrument/source/capability_text.h"

#include "clang/AST/Attr.h"
#include "clang/AST/ExprCXX.h"
#include "clang/Lex/Lexer.h"

namespace csim::instrument {
namespace {

using Text = std::optional<std::string>;

// "::bank::Account::total"; unnamed and inline namespaces are left out.
std::string QualifiedName(const clang::NamedDecl* declaration) {
  std::string name = declaration->getNameAsString();
  for (const clang::DeclContext* c = declaration->getDeclContext(); c != nullptr;
       c = c->getParent()) {
    if (auto* space = llvm::dyn_cast<clang::NamespaceDecl>(c)) {
      if (space->isAnonymousNamespace() || space->isInline()) continue;
      name = space->getNameAsString() + "::" + name;
    } else if (auto* record = llvm::dyn_cast<clang::RecordDecl>(c)) {
      name = record->getNameAsString() + "::" + name;
    }
  }
  return "::" + name;
}

const clang::CXXRecordDecl* ClassOf(const clang::FunctionDecl* function) {
  for (const clang::DeclContext* c = function; c != nullptr; c = c->getParent()) {
    auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(c);
    if (record != nullptr && !record->isLambda()) return record;
  }
  return nullptr;
}

// Whether code of `function` may name the member.
bool MayName(const clang::FunctionDecl* function, const clang::ValueDecl* member) {
  if (member->getAccess() == clang::AS_public || member->getAccess() == clang::AS_none) return true;
  const auto* owner = llvm::dyn_cast<clang::CXXRecordDecl>(member->getDeclContext());
  const clang::CXXRecordDecl* mine = function == nullptr ? nullptr : ClassOf(function);
  for (; owner != nullptr && mine != nullptr;
       mine = llvm::dyn_cast_or_null<clang::CXXRecordDecl>(mine->getParent())) {
    if (mine->getCanonicalDecl() == owner->getCanonicalDecl()) return true;
    const bool derived =
        mine->hasDefinition() && !mine->isDependentType() && mine->isDerivedFrom(owner);
    if (derived && member->getAccess() == clang::AS_protected) return true;
  }
  return false;
}

class Builder {
 public:
  Builder(const CapabilityPlace& place, const clang::ASTContext& context)
      : place_(place), context_(context) {}

  Text ValueOf(const clang::Expr* e) const {
    e = e->IgnoreParenImpCasts();
    if (auto* cleanups = llvm::dyn_cast<clang::ExprWithCleanups>(e)) {
      return ValueOf(cleanups->getSubExpr());
    }
    if (llvm::isa<clang::CXXThisExpr>(e)) return This();
    if (auto* member = llvm::dyn_cast<clang::MemberExpr>(e)) return MemberOf(member);
    if (auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(e)) {
      return DependentMemberOf(member);
    }
    if (auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e)) return NameOf(name->getDecl());
    if (auto* unary = llvm::dyn_cast<clang::UnaryOperator>(e)) return UnaryOf(unary);
    if (auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(e)) return OperatorOf(call);
    if (auto* call = llvm::dyn_cast<clang::CallExpr>(e)) return ReturnedBy(call);
    return {};
  }

 private:
  Text This() const {
    if (place_.object.empty()) return {};
    llvm::StringRef object = place_.object;
    if (object.consume_back("->")) return "(" + object.str() + ")";
    object.consume_back(".");
    return "(&" + object.str() + ")";
  }

  Text MemberOf(const clang::MemberExpr* member) const {
    const clang::ValueDecl* declaration = member->getMemberDecl();
    if (!MayName(place_.function, declaration)) return {};
    if (llvm::isa<clang::VarDecl>(declaration)) return NameOf(declaration);
    const std::string name = declaration->getNameAsString();
    if (llvm::isa<clang::CXXThisExpr>(member->getBase()->IgnoreParenImpCasts())) {
      if (place_.object.empty()) return {};
      return place_.object + name;
    }
    const Text base = ValueOf(member->getBase());
    if (!base) return {};
    return *base + (member->isArrow() ? "->" : ".") + name;
  }

  Text DependentMemberOf(const clang::CXXDependentScopeMemberExpr* member) const {
    const std::string name = member->getMember().getAsString();
    if (member->isImplicitAccess()) {
      if (place_.object.empty()) return {};
      return place_.object + name;
    }
    const Text base = ValueOf(member->getBase());
    if (!base) return {};
    return *base + (member->isArrow() ? "->" : ".") + name;
  }

  Text NameOf(const clang::ValueDecl* declaration) const {
    if (auto* parameter = llvm::dyn_cast<clang::ParmVarDecl>(declaration)) {
      return ParameterOf(parameter);
    }
    if (llvm::isa<clang::FieldDecl>(declaration)) {
      if (place_.object.empty() || !MayName(place_.function, declaration)) return {};
      return place_.object + declaration->getNameAsString();
    }
    auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration);
    if (variable == nullptr || !MayName(place_.function, declaration)) return {};
    if (variable->isLocalVarDecl()) {
      if (variable->getDeclContext() != place_.function) return {};
      return variable->getNameAsString();
    }
    if (!context_.getLangOpts().CPlusPlus) return variable->getNameAsString();
    const auto* owner = llvm::dyn_cast<clang::CXXRecordDecl>(variable->getDeclContext());
    if (owner != nullptr && owner->isDependentContext()) return variable->getNameAsString();
    return QualifiedName(variable);
  }

  // The attribute may be on another declaration of the function.
  Text ParameterOf(const clang::ParmVarDecl* parameter) const {
    const unsigned index = parameter->getFunctionScopeIndex();
    if (place_.function == nullptr || index >= place_.function->getNumParams()) return {};
    const auto* its = llvm::dyn_cast<clang::FunctionDecl>(parameter->getDeclContext());
    if (its == nullptr || its->getCanonicalDecl() != place_.function->getCanonicalDecl()) return {};
    const std::string name = place_.function->getParamDecl(index)->getNameAsString();
    if (name.empty()) return {};
    return name;
  }

  Text UnaryOf(const clang::UnaryOperator* unary) const {
    const bool deref = unary->getOpcode() == clang::UO_Deref;
    if (!deref && unary->getOpcode() != clang::UO_AddrOf) return {};
    const Text value = ValueOf(unary->getSubExpr());
    if (!value) return {};
    return (deref ? "(*" : "(&") + *value + ")";
  }

  Text OperatorOf(const clang::CXXOperatorCallExpr* call) const {
    if (call->getNumArgs() != 1) return {};
    const Text value = ValueOf(call->getArg(0));
    if (!value) return {};
    if (call->getOperator() == clang::OO_Arrow)
      return value;  // its member access repeats the arrow
    if (call->getOperator() == clang::OO_Star) return "(*" + *value + ")";
    return {};
  }

  // A function that is declared to return a capability.
  Text ReturnedBy(const clang::CallExpr* call) const {
    const clang::FunctionDecl* function = call->getDirectCallee();
    const auto* attribute =
        function == nullptr ? nullptr : function->getAttr<clang::LockReturnedAttr>();
    if (attribute == nullptr) return {};
    CapabilityPlace there = place_;
    if (auto* member = llvm::dyn_cast<clang::CXXMemberCallExpr>(call)) {
      const clang::Expr* object = member->getImplicitObjectArgument();
      if (!llvm::isa<clang::CXXThisExpr>(object->IgnoreParenImpCasts())) {
        const Text value = ValueOf(object);
        if (!value) return {};
        there.object = "(" + *value + ")" + (object->getType()->isPointerType() ? "->" : ".");
      }
    }
    return Builder(there, context_).ValueOf(attribute->getArg());
  }

  const CapabilityPlace& place_;
  const clang::ASTContext& context_;
};

}  // namespace

std::optional<std::string> CapabilityAddress(const clang::Expr* expression,
                                             const CapabilityPlace& place,
                                             const clang::ASTContext& context) {
  const Text value = Builder(place, context).ValueOf(expression);
  if (!value) return {};
  const clang::QualType type = expression->IgnoreParenImpCasts()->getType();
  if (type->isPointerType()) return "(const void *)(" + *value + ")";
  const bool cxx = context.getLangOpts().CPlusPlus;
  return "(const void *)" + (cxx ? "__builtin_addressof(" + *value + ")" : "&(" + *value + ")");
}

bool IsRepeatable(const clang::Expr* e) {
  e = e->IgnoreParenImpCasts();
  if (llvm::isa<clang::CXXThisExpr, clang::DeclRefExpr, clang::IntegerLiteral>(e)) return true;
  if (auto* member = llvm::dyn_cast<clang::MemberExpr>(e)) return IsRepeatable(member->getBase());
  if (auto* unary = llvm::dyn_cast<clang::UnaryOperator>(e)) {
    return (unary->getOpcode() == clang::UO_Deref || unary->getOpcode() == clang::UO_AddrOf) &&
           IsRepeatable(unary->getSubExpr());
  }
  if (auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(e)) {
    return IsRepeatable(subscript->getBase()) && IsRepeatable(subscript->getIdx());
  }
  if (auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(e)) {
    const clang::OverloadedOperatorKind kind = call->getOperator();
    if (kind != clang::OO_Subscript && kind != clang::OO_Arrow && kind != clang::OO_Star)
      return false;
    for (const clang::Expr* argument : call->arguments()) {
      if (!IsRepeatable(argument)) return false;
    }
    return true;
  }
  return false;
}

std::string SourceTextOf(const clang::Expr* expression, const clang::ASTContext& context) {
  // An overloaded arrow is repeated by the member access that it belongs to.
  auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(expression->IgnoreParenImpCasts());
  if (call != nullptr && call->getOperator() == clang::OO_Arrow) expression = call->getArg(0);
  const clang::CharSourceRange range = clang::Lexer::makeFileCharRange(
      clang::CharSourceRange::getTokenRange(expression->getSourceRange()),
      context.getSourceManager(), context.getLangOpts());
  std::string text =
      clang::Lexer::getSourceText(range, context.getSourceManager(), context.getLangOpts()).str();
  if (text.find("//") != std::string::npos || text.find("\n#") != std::string::npos) return "";
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

}  // namespace csim::instrument
