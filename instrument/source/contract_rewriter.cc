// See contract_rewriter.h.
#include "instrument/source/contract_rewriter.h"

#include <algorithm>
#include <tuple>

#include "clang/AST/Attr.h"
#include "clang/AST/ExprCXX.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"

namespace csim::instrument {
namespace {

std::string Quoted(llvm::StringRef text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result.push_back('\\');
    result.push_back(c == '\n' ? ' ' : c);
  }
  return result + '"';
}

bool IsScoped(const clang::FunctionDecl* function) {
  auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function);
  return method != nullptr && method->getParent()->hasAttr<clang::ScopedLockableAttr>();
}

// The capability of "!mutex_", which must not be held; null if there is no "!".
const clang::Expr* Negated(const clang::Expr* expression) {
  expression = expression->IgnoreParenImpCasts();
  if (auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expression)) {
    return unary->getOpcode() == clang::UO_LNot ? unary->getSubExpr() : nullptr;
  }
  auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(expression);
  return call != nullptr && call->getOperator() == clang::OO_Exclaim ? call->getArg(0) : nullptr;
}

// The expression whose operand `inner` is, behind parentheses and conversions that are no access.
bool IsTransparent(const clang::Stmt* parent) {
  if (llvm::isa<clang::ParenExpr>(parent)) return true;
  auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(parent);
  return cast != nullptr && cast->getCastKind() != clang::CK_LValueToRValue;
}

bool IsUnevaluated(const clang::Stmt* statement) {
  return llvm::isa<clang::UnaryExprOrTypeTraitExpr, clang::CXXNoexceptExpr, clang::CXXTypeidExpr>(
      statement);
}

// Whether `parent`, applied to the pointer `inner`, is something at what it points to.
bool IsDereference(const clang::Stmt* parent, const clang::Stmt* inner) {
  if (auto* unary = llvm::dyn_cast<clang::UnaryOperator>(parent)) {
    return unary->getOpcode() == clang::UO_Deref;
  }
  if (auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(parent)) {
    return subscript->getBase() == inner;
  }
  if (auto* member = llvm::dyn_cast<clang::MemberExpr>(parent)) return member->isArrow();
  if (auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(parent)) {
    return member->isArrow();
  }
  if (auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(parent)) {
    const clang::OverloadedOperatorKind kind = call->getOperator();
    const bool dereferences = (kind == clang::OO_Star && call->getNumArgs() == 1) ||
                              kind == clang::OO_Arrow || kind == clang::OO_Subscript;
    return dereferences && call->getArg(0) == inner;
  }
  return false;
}

}  // namespace

// ---- Functions ----

bool ContractRewriter::TraverseDecl(clang::Decl* declaration) {
  auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(declaration);
  if (function == nullptr || !function->doesThisDeclarationHaveABody()) {
    return RecursiveASTVisitor::TraverseDecl(declaration);
  }
  Enter(function, function->getBody());
  const bool result = RecursiveASTVisitor::TraverseDecl(declaration);
  functions_.pop_back();
  return result;
}

bool ContractRewriter::TraverseLambdaExpr(clang::LambdaExpr* lambda) {
  Enter(lambda->getCallOperator(), lambda->getBody());
  const bool result = RecursiveASTVisitor::TraverseLambdaExpr(lambda);
  functions_.pop_back();
  return result;
}

void ContractRewriter::Enter(const clang::FunctionDecl* function, clang::Stmt* body) {
  Function& entered = functions_.emplace_back();
  entered.declaration = function;
  auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function);
  const bool lambda = method != nullptr && method->getParent()->isLambda();
  const bool constant = function->isConstexpr() && !lambda;
  entered.exempt = constant || llvm::isa<clang::CXXConstructorDecl>(function) ||
                   llvm::isa<clang::CXXDestructorDecl>(function) ||
                   function->hasAttr<clang::NoThreadSafetyAnalysisAttr>();
  if (!function->hasAttrs() || constant) return;
  const std::string text = EntryText(entered);
  if (text.empty()) return;
  auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(body);
  if (block == nullptr || !Insert(block->getLBracLoc(), text)) {
    Note(function->getLocation(), "the attributes of " + function->getNameAsString() +
                                      " cannot be checked: its body is none that can be changed");
    entered.tries = false;
  }
}

CapabilityPlace ContractRewriter::PlaceIn(const Function& function) const {
  auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function.declaration);
  const bool has_this =
      method != nullptr && !method->isStatic() && !method->getParent()->isLambda();
  return {has_this ? "this->" : "", function.declaration};
}

// The addresses of what the arguments name; of the object itself if there are none.
std::vector<std::string> ContractRewriter::AddressesOf(const Function& function,
                                                       llvm::ArrayRef<clang::Expr*> arguments,
                                                       const char* what) {
  const CapabilityPlace place = PlaceIn(function);
  if (arguments.empty()) {
    if (place.object.empty() || IsScoped(function.declaration)) return {};
    return {"(const void *)this"};
  }
  std::vector<std::string> result;
  for (const clang::Expr* argument : arguments) {
    if (const auto address = CapabilityAddress(argument, place, context_)) {
      result.push_back(*address);
    } else {
      Note(function.declaration->getLocation(),
           std::string(what) + "(" + Spelled(argument) + ") of " +
               function.declaration->getNameAsString() +
               " is not checked: it cannot be evaluated there");
    }
  }
  return result;
}

void ContractRewriter::AddExpected(const Function& function, llvm::ArrayRef<clang::Expr*> arguments,
                                   bool shared, const char* what, std::string* text) {
  const std::string name = function.declaration->getNameAsString();
  for (const clang::Expr* argument : arguments) {
    const clang::Expr* negated = Negated(argument);
    const bool negative = negated != nullptr;
    auto* capability = const_cast<clang::Expr*>(negative ? negated : argument);
    const bool excluded = negative || llvm::StringRef(what) == "locks_excluded";
    for (const std::string& address : AddressesOf(function, {capability}, what)) {
      const std::string rule =
          Quoted(name + " is declared " + what + "(" + Spelled(argument) + ")");
      *text += excluded ? " csim_capability_excluded(" + address + ", " + rule + ");"
                        : " csim_capability_expected(" + address + ", " + (shared ? "1" : "0") +
                              ", " + rule + ");";
    }
  }
  if (!arguments.empty()) return;
  for (const std::string& address : AddressesOf(function, arguments, what)) {  // the object itself
    *text += " csim_capability_expected(" + address + ", " + (shared ? "1" : "0") + ", " +
             Quoted(name + " is declared " + what + "()") + ");";
  }
}

// `change`: the name of a constant of the helper header.
void ContractRewriter::AddChanges(Function& function, llvm::ArrayRef<clang::Expr*> arguments,
                                  const char* change, bool shared, std::string* text) {
  const bool scoped =
      llvm::isa<clang::CXXConstructorDecl>(function.declaration) && IsScoped(function.declaration);
  for (const std::string& address : AddressesOf(function, arguments, change)) {
    const std::string name = "csim_frame_" + std::to_string(++variables_);
    *text += " struct csim_capability_frame " + name +
             " __attribute__((cleanup(csim_capability_leave), unused)) = csim_capability_enter(" +
             address + ", csim_" + change + ", " + (shared ? "1" : "0") + ", " +
             (scoped ? "(const void *)this" : "0") + ");";
    if (llvm::StringRef(change) == "try_acquire") function.tried.push_back(name);
  }
}

void ContractRewriter::AddTried(Function& function, const clang::Expr* success,
                                llvm::ArrayRef<clang::Expr*> arguments, bool shared,
                                std::string* text) {
  const clang::QualType result = function.declaration->getReturnType();
  bool value = true;
  if (success->isValueDependent() || !success->EvaluateAsBooleanCondition(value, context_) ||
      !result->isIntegralOrEnumerationType()) {
    Note(function.declaration->getLocation(), "try_acquire_capability of " +
                                                  function.declaration->getNameAsString() +
                                                  " is not followed: its result is no number");
    return;
  }
  function.success = value;
  AddChanges(function, arguments, "try_acquire", shared, text);
  function.tries = !function.tried.empty();
}

std::string ContractRewriter::EntryText(Function& function) {
  std::string text;
  const auto arguments = [](const auto* attribute) {
    return llvm::ArrayRef<clang::Expr*>(attribute->args_begin(), attribute->args_end());
  };
  for (const clang::Attr* attribute : function.declaration->attrs()) {
    if (auto* a = llvm::dyn_cast<clang::RequiresCapabilityAttr>(attribute)) {
      const char* what = a->isShared() ? "requires_shared_capability" : "requires_capability";
      AddExpected(function, arguments(a), a->isShared(), what, &text);
    } else if (auto* a = llvm::dyn_cast<clang::AssertCapabilityAttr>(attribute)) {
      AddExpected(function, arguments(a), a->isShared(), "assert_capability", &text);
    } else if (auto* a = llvm::dyn_cast<clang::AssertExclusiveLockAttr>(attribute)) {
      AddExpected(function, arguments(a), false, "assert_exclusive_lock", &text);
    } else if (auto* a = llvm::dyn_cast<clang::AssertSharedLockAttr>(attribute)) {
      AddExpected(function, arguments(a), true, "assert_shared_lock", &text);
    } else if (auto* a = llvm::dyn_cast<clang::LocksExcludedAttr>(attribute)) {
      AddExpected(function, arguments(a), false, "locks_excluded", &text);
    } else if (auto* a = llvm::dyn_cast<clang::AcquireCapabilityAttr>(attribute)) {
      AddChanges(function, arguments(a), "acquire", a->isShared(), &text);
    } else if (auto* a = llvm::dyn_cast<clang::ReleaseCapabilityAttr>(attribute)) {
      AddChanges(function, arguments(a), "release", a->isShared(), &text);
    } else if (auto* a = llvm::dyn_cast<clang::TryAcquireCapabilityAttr>(attribute)) {
      AddTried(function, a->getSuccessValue(), arguments(a), a->isShared(), &text);
    } else if (auto* a = llvm::dyn_cast<clang::ExclusiveTrylockFunctionAttr>(attribute)) {
      AddTried(function, a->getSuccessValue(), arguments(a), false, &text);
    } else if (auto* a = llvm::dyn_cast<clang::SharedTrylockFunctionAttr>(attribute)) {
      AddTried(function, a->getSuccessValue(), arguments(a), true, &text);
    }
  }
  if (llvm::isa<clang::CXXDestructorDecl>(function.declaration) && IsScoped(function.declaration)) {
    const std::string name = "csim_frame_" + std::to_string(++variables_);
    text += " struct csim_capability_frame " + name +
            " __attribute__((cleanup(csim_capability_leave), unused)) = csim_capability_enter("
            "(const void *)this, csim_end_scope, 0, 0);";
  }
  return text;
}

bool ContractRewriter::VisitReturnStmt(clang::ReturnStmt* statement) {
  if (functions_.empty() || !functions_.back().tries || statement->getRetValue() == nullptr) {
    return true;
  }
  const Function& function = functions_.back();
  std::string before;
  std::string after;
  for (const std::string& name : function.tried) {
    before += "csim_capability_tried(&" + name + ", " + (function.success ? "1" : "0") + ", (";
    after += "))";
  }
  if (!Wrap(statement->getRetValue(), before, after)) {
    Note(statement->getBeginLoc(), "whether this acquires a capability is not followed");
  }
  return true;
}

// ---- Accesses ----

bool ContractRewriter::VisitMemberExpr(clang::MemberExpr* expression) {
  const clang::ValueDecl* declaration = expression->getMemberDecl();
  if (!declaration->hasAttr<clang::GuardedByAttr>() &&
      !declaration->hasAttr<clang::PtGuardedByAttr>()) {
    return true;
  }
  const clang::Expr* base = expression->getBase();
  std::string object = "this->";
  if (!llvm::isa<clang::CXXThisExpr>(base->IgnoreParenImpCasts())) {
    const std::string text = SourceTextOf(base, context_);
    if (!IsRepeatable(base) || text.empty()) {
      Note(expression->getExprLoc(), "the access to " + declaration->getNameAsString() +
                                         " is not checked: its object cannot be named twice");
      return true;
    }
    object = "(" + text + ")" + (expression->isArrow() ? "->" : ".");
  }
  CheckUse(expression, declaration, object);
  return true;
}

bool ContractRewriter::VisitDeclRefExpr(clang::DeclRefExpr* expression) {
  if (llvm::isa<clang::VarDecl>(expression->getDecl())) {
    CheckUse(expression, expression->getDecl(), "");
  }
  return true;
}

ContractRewriter::Access ContractRewriter::AccessTo(bool behind) const {
  const auto is_unevaluated = [](const clang::Stmt* s) { return IsUnevaluated(s); };
  if (std::any_of(path_.begin(), path_.end(), is_unevaluated)) return Access::kNone;
  const clang::Stmt* inner = path_.back();
  for (size_t i = path_.size() - 1; i-- > 0;) {
    const clang::Stmt* parent = path_[i];
    if (behind) {  // until the pointer is followed
      const bool loaded = llvm::isa<clang::ImplicitCastExpr>(parent);
      if (IsDereference(parent, inner)) {
        behind = false;
      } else if (!IsTransparent(parent) && !loaded) {
        return Access::kNone;
      }
      inner = parent;
      continue;
    }
    if (auto* unary = llvm::dyn_cast<clang::UnaryOperator>(parent)) {
      if (unary->getOpcode() == clang::UO_AddrOf) return Access::kNone;
      return unary->isIncrementDecrementOp() ? Access::kWrite : Access::kRead;
    }
    if (auto* binary = llvm::dyn_cast<clang::BinaryOperator>(parent)) {
      return binary->isAssignmentOp() && binary->getLHS() == inner ? Access::kWrite : Access::kRead;
    }
    if (auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(parent)) {
      const bool first = call->getNumArgs() > 0 && call->getArg(0) == inner;
      const bool steps =
          call->getOperator() == clang::OO_PlusPlus || call->getOperator() == clang::OO_MinusMinus;
      return first && (call->isAssignmentOp() || steps) ? Access::kWrite : Access::kRead;
    }
    auto* member = llvm::dyn_cast<clang::MemberExpr>(parent);
    const bool part = member != nullptr && !member->isArrow() &&
                      llvm::isa<clang::FieldDecl>(member->getMemberDecl());
    auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(parent);
    const bool element =
        subscript != nullptr && subscript->getBase() == inner &&
        llvm::isa<clang::ImplicitCastExpr>(inner) &&
        llvm::cast<clang::ImplicitCastExpr>(inner)->getCastKind() == clang::CK_ArrayToPointerDecay;
    if (!part && !element && !IsTransparent(parent)) return Access::kRead;
    inner = parent;
  }
  return behind ? Access::kNone : Access::kRead;
}

void ContractRewriter::CheckUse(const clang::Expr* expression, const clang::ValueDecl* declaration,
                                const std::string& object) {
  if (functions_.empty() || functions_.back().exempt || !declaration->hasAttrs()) return;
  for (const auto* attribute : declaration->specific_attrs<clang::GuardedByAttr>()) {
    AddCheck(expression, declaration, attribute->getArg(), object, AccessTo(false), "guarded_by");
  }
  for (const auto* attribute : declaration->specific_attrs<clang::PtGuardedByAttr>()) {
    AddCheck(expression, declaration, attribute->getArg(), object, AccessTo(true), "pt_guarded_by");
  }
}

void ContractRewriter::AddCheck(const clang::Expr* expression, const clang::ValueDecl* declaration,
                                const clang::Expr* capability, const std::string& object,
                                Access access, const char* attribute) {
  if (access == Access::kNone) return;
  const std::string name = declaration->getNameAsString();
  const std::string rule = std::string(attribute) + "(" + Spelled(capability) + ")";
  const auto address =
      CapabilityAddress(capability, {object, functions_.back().declaration}, context_);
  const bool cxx = context_.getLangOpts().CPlusPlus;
  if (!address || (!cxx && expression->refersToBitField())) {
    Note(expression->getExprLoc(),
         rule + " of " + name + " is not checked: it cannot be evaluated there");
    return;
  }
  const std::string check = "csim_capability_required(" + *address + ", " +
                            (access == Access::kRead ? "1" : "0") + ", " +
                            Quoted(name + " is " + rule) + "), ";
  // (A comma expression is an lvalue in C++ only.)
  const bool done =
      cxx ? Wrap(expression, "(" + check, ")") : Wrap(expression, "(*(" + check + "&", "))");
  if (!done) {
    Note(expression->getExprLoc(), rule + " of " + name + " is not checked: it is used in a macro");
  }
}

// ---- Edits ----

std::string ContractRewriter::Spelled(const clang::Expr* expression) const {
  const std::string text = SourceTextOf(expression, context_);
  return text.empty() ? "..." : text;
}

void ContractRewriter::Note(clang::SourceLocation location, const std::string& text) {
  const clang::PresumedLoc place = sources_.getPresumedLoc(sources_.getExpansionLoc(location));
  notes_.push_back(std::string(place.getFilename()) + ":" + std::to_string(place.getLine()) + ": " +
                   text);
}

bool ContractRewriter::Wrap(const clang::Expr* expression, const std::string& before,
                            const std::string& after) {
  const clang::SourceRange range = expression->getSourceRange();
  if (range.getBegin().isMacroID() || range.getEnd().isMacroID()) return false;
  const clang::CharSourceRange characters = clang::Lexer::makeFileCharRange(
      clang::CharSourceRange::getTokenRange(range), sources_, context_.getLangOpts());
  if (characters.isInvalid()) return false;
  const clang::FileID file = sources_.getFileID(characters.getBegin());
  const clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(file);
  if (!entry) return false;
  const unsigned begin = sources_.getFileOffset(characters.getBegin());
  const unsigned end = sources_.getFileOffset(characters.getEnd());
  const std::string path = entry->getName().str();
  const auto number = [&] { return static_cast<unsigned>(insertions_.size()); };
  insertions_.push_back({path, file, begin, false, end - begin, before, number()});
  insertions_.push_back({path, file, end, true, end - begin, after, number()});
  return true;
}

bool ContractRewriter::Insert(clang::SourceLocation brace, const std::string& text) {
  if (brace.isInvalid() || brace.isMacroID()) return false;
  const clang::FileID file = sources_.getFileID(brace);
  const clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(file);
  if (!entry) return false;
  insertions_.push_back({entry->getName().str(), file, sources_.getFileOffset(brace) + 1, false,
                         ~0u, text, static_cast<unsigned>(insertions_.size())});
  return true;
}

void ContractRewriter::Finish(EditSet& edits, std::vector<std::string>& notes) {
  // At one place: what ends there first, the inner before the outer; then what begins, the outer first.
  const auto rank = [](const Insertion& i) {
    return std::tuple(i.offset, i.closes ? 0 : 1, i.closes ? i.length : ~i.length, i.number);
  };
  std::sort(insertions_.begin(), insertions_.end(), [&](const Insertion& a, const Insertion& b) {
    return a.path != b.path ? a.path < b.path : rank(a) < rank(b);
  });
  for (const Insertion& insertion : insertions_) {
    auto [it, is_new] = edits.try_emplace(insertion.path);
    if (is_new) it->second = FileEdits(sources_.getBufferData(insertion.file).str());
    if (!it->second.Insert(insertion.offset, insertion.text)) {
      notes.push_back(insertion.path + ": a check overlaps with another change");
    }
  }
  notes.insert(notes.end(), notes_.begin(), notes_.end());
}

}  // namespace csim::instrument
