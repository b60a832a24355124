// See assert_rewriter.h.
#include "instrument/source/assert_rewriter.h"

#include <algorithm>

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "instrument/source/site_collector.h"
#include "llvm/ADT/StringExtras.h"

namespace csim::instrument {
namespace {

const char* SuffixOf(clang::BinaryOperatorKind kind) {
  switch (kind) {
    case clang::BO_EQ: return "eq";
    case clang::BO_NE: return "ne";
    case clang::BO_LT: return "lt";
    case clang::BO_LE: return "le";
    case clang::BO_GT: return "gt";
    case clang::BO_GE: return "ge";
    default: return nullptr;
  }
}

// The helper's part of the name for a builtin type; null if there is none.
const char* HelperOf(const clang::BuiltinType& type) {
  switch (type.getKind()) {
    case clang::BuiltinType::Int: return "int";
    case clang::BuiltinType::UInt: return "uint";
    case clang::BuiltinType::Long: return "long";
    case clang::BuiltinType::ULong: return "ulong";
    case clang::BuiltinType::LongLong: return "llong";
    case clang::BuiltinType::ULongLong: return "ullong";
    case clang::BuiltinType::Float: return "float";
    case clang::BuiltinType::Double: return "double";
    case clang::BuiltinType::LongDouble: return "ldouble";
    default: return nullptr;
  }
}

// How an operand is to be printed: b bool, c character, v anything else by its type.
char KindOf(const clang::Expr* operand) {
  const clang::QualType type = operand->IgnoreParenImpCasts()->getType();
  if (type.isNull() || type->isDependentType()) return 'v';
  if (type->isBooleanType()) return 'b';
  if (type->isCharType() || (type->isArithmeticType() &&
                             llvm::isa<clang::CharacterLiteral>(operand->IgnoreParenImpCasts()))) {
    return 'c';
  }
  return 'v';
}

bool IsTextType(clang::QualType type) {
  type = type.getNonReferenceType().getUnqualifiedType();
  if (const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl()) {
    return record->isInStdNamespace() &&
           (record->getName() == "basic_string" || record->getName() == "basic_string_view");
  }
  const clang::Type* element = type->getPointeeOrArrayElementType();
  return (type->isPointerType() || type->isArrayType()) && element->isCharType();
}

bool IsZero(const clang::Expr* operand) {
  auto* literal = llvm::dyn_cast<clang::IntegerLiteral>(operand->IgnoreParenImpCasts());
  return literal != nullptr && literal->getValue() == 0;
}

// Operands that must not be bound to a reference in a template: null pointer constants change their
// meaning, static members would need a definition.
bool IsRisky(const clang::Expr* operand) {
  operand = operand->IgnoreParenImpCasts();
  if (IsZero(operand) ||
      llvm::isa<clang::GNUNullExpr, clang::CXXNullPtrLiteralExpr, clang::DependentScopeDeclRefExpr,
                clang::InitListExpr>(operand)) {
    return true;
  }
  auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(operand);
  if (reference == nullptr) return false;
  auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl());
  return variable != nullptr && variable->isStaticDataMember();
}

std::string Quoted(llvm::StringRef text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
    if (c == ' ' && result.back() == ' ') continue;
    if (c == '"' || c == '\\') result.push_back('\\');
    if (c == '?') result.push_back('\\');  // no trigraphs
    result.push_back(c);
  }
  return result + '"';
}

}  // namespace

AssertRewriter::AssertRewriter(clang::ASTContext& context, std::vector<AssertUse> asserts)
    : context_(context), sources_(context.getSourceManager()) {
  for (const AssertUse& place : asserts) {
    uses_.emplace_back().place = place;
    Locate(uses_.back());
  }
}

llvm::StringRef AssertRewriter::TextOf(clang::FileID file) const {
  return sources_.getBufferData(file);
}

void AssertRewriter::Locate(Use& use) const {
  if (use.place.in_macro) return;
  const clang::FileID file = sources_.getFileID(use.place.name);
  use.begin = sources_.getFileOffset(use.place.name);
  use.open = static_cast<unsigned>(TextOf(file).find('(', use.begin));
  use.end = sources_.getFileOffset(use.place.end) + 1;
}

bool AssertRewriter::OffsetsOf(const clang::Expr* expression, clang::FileID file, unsigned* begin,
                               unsigned* end) const {
  const clang::CharSourceRange range = clang::Lexer::makeFileCharRange(
      clang::CharSourceRange::getTokenRange(expression->getSourceRange()), sources_,
      context_.getLangOpts());
  if (range.isInvalid() || sources_.getFileID(range.getBegin()) != file) return false;
  *begin = sources_.getFileOffset(range.getBegin());
  *end = sources_.getFileOffset(range.getEnd());
  return true;
}

AssertRewriter::Use* AssertRewriter::FindUse(const clang::Expr* expression) {
  if (!expression->getBeginLoc().isMacroID()) return nullptr;
  for (Use& use : uses_) {
    unsigned begin = 0;
    unsigned end = 0;
    if (use.planned || use.place.in_macro) continue;
    const clang::FileID file = sources_.getFileID(use.place.name);
    if (sources_.getExpansionLoc(expression->getBeginLoc()) != use.place.name) continue;
    if (!OffsetsOf(expression, file, &begin, &end)) return nullptr;
    if (begin <= use.open || end >= use.end) return nullptr;
    // Around it there may be parentheses and blanks only.
    const llvm::StringRef text = TextOf(file);
    const llvm::StringRef before = text.slice(use.open + 1, begin);
    const llvm::StringRef after = text.slice(end, use.end - 1);
    const bool whole = before.find_first_not_of("( \t\n\r") == llvm::StringRef::npos &&
                       after.find_first_not_of(") \t\n\r") == llvm::StringRef::npos;
    return whole ? &use : nullptr;
  }
  return nullptr;
}

void AssertRewriter::Plan(Use& use, const clang::Expr* left, const clang::Expr* right,
                          const std::string& helper, const std::string& cast,
                          const std::string& kinds) {
  const clang::FileID file = sources_.getFileID(use.place.name);
  if (!OffsetsOf(left, file, &use.left_begin, &use.left_end) ||
      !OffsetsOf(right, file, &use.right_begin, &use.right_end) || use.left_end > use.right_begin ||
      use.left_begin <= use.open || use.right_end >= use.end) {
    return;
  }
  const llvm::StringRef condition = TextOf(file).slice(use.open + 1, use.end - 1).trim();
  if (condition.contains("\n#") || condition.contains("??")) return;
  const std::string open = cast.empty() ? "" : "(" + cast + ")(";
  const std::string close = cast.empty() ? "" : ")";
  use.before_left = helper + "(" + open;
  use.before_right = close + ", " + open;
  use.after_right = close + ", \"" + kinds + "\", " + Quoted(condition) + ", __FILE__, " +
                    std::to_string(sources_.getPresumedLineNumber(use.place.name)) + ", " +
                    Quoted(function_) + ")";
  use.planned = true;
}

void AssertRewriter::CompareBuiltin(Use& use, const clang::BinaryOperator* comparison) {
  const clang::Expr* left = comparison->getLHS();
  const clang::Expr* right = comparison->getRHS();
  const clang::QualType type = left->getType().getCanonicalType().getUnqualifiedType();
  const std::string suffix = std::string("_") + SuffixOf(comparison->getOpcode());
  const std::string kinds = {KindOf(left), KindOf(right)};
  if (auto* builtin = type->getAs<clang::BuiltinType>()) {
    const char* helper = HelperOf(*builtin);
    if (helper != nullptr && right->getType().getCanonicalType().getUnqualifiedType() == type) {
      Plan(use, left, right, std::string("csim_assert_") + helper + suffix, "", kinds);
    }
  } else if (type->isScopedEnumeralType()) {
    const bool is_signed = type->isSignedIntegerOrEnumerationType();
    Plan(use, left, right, (is_signed ? "csim_assert_llong" : "csim_assert_ullong") + suffix,
         is_signed ? "long long" : "unsigned long long", kinds);
  } else if (type->isPointerType() && !type->isFunctionPointerType()) {
    // Conversions to a base class could change the address; leave those alone.
    const auto is_plain = [](const clang::Expr* operand) {
      auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(operand->IgnoreParens());
      return cast == nullptr || cast->getCastKind() != clang::CK_DerivedToBase;
    };
    if (is_plain(left) && is_plain(right)) {
      Plan(use, left, right, "csim_assert_pointer" + suffix, "", kinds);
    }
  }
}

void AssertRewriter::CompareAny(Use& use, const clang::Expr* left, const clang::Expr* right,
                                clang::BinaryOperatorKind kind) {
  const bool dependent = left->isTypeDependent() || right->isTypeDependent();
  const bool text = IsTextType(left->getType()) && IsTextType(right->getType());
  if ((!dependent && !text) || IsRisky(left)) return;
  const bool zero = IsZero(right);
  if (!zero && IsRisky(right)) return;
  Plan(use, left, right,
       std::string(zero ? "csim_assert_zero_" : "csim_assert_any_") + SuffixOf(kind), "",
       {KindOf(left), KindOf(right)});
}

// `comparison` decides `whole`, the condition of an assert.
void AssertRewriter::Compare(const clang::Expr* whole, const clang::Expr* comparison) {
  comparison = comparison->IgnoreParenImpCasts();
  if (auto* binary = llvm::dyn_cast<clang::BinaryOperator>(comparison)) {
    if (SuffixOf(binary->getOpcode()) == nullptr) return;
    Use* use = FindUse(whole);
    if (use == nullptr) return;
    if (binary->isTypeDependent() || binary->getLHS()->isTypeDependent() ||
        binary->getRHS()->isTypeDependent()) {
      CompareAny(*use, binary->getLHS(), binary->getRHS(), binary->getOpcode());
    } else {
      CompareBuiltin(*use, binary);
    }
  } else if (auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(comparison)) {
    if (call->getNumArgs() != 2 || !call->isComparisonOp()) return;
    const auto kind = clang::BinaryOperator::getOverloadedOpcode(call->getOperator());
    if (SuffixOf(kind) == nullptr) return;
    if (Use* use = FindUse(whole)) CompareAny(*use, call->getArg(0), call->getArg(1), kind);
  } else if (auto* rewritten = llvm::dyn_cast<clang::CXXRewrittenBinaryOperator>(comparison)) {
    const auto form = rewritten->getDecomposedForm();
    if (SuffixOf(form.Opcode) == nullptr) return;
    if (Use* use = FindUse(whole)) CompareAny(*use, form.LHS, form.RHS, form.Opcode);
  }
}

bool AssertRewriter::VisitBinaryOperator(clang::BinaryOperator* expression) {
  if (expression->getOpcode() == clang::BO_LAnd &&
      llvm::isa<clang::StringLiteral>(expression->getRHS()->IgnoreParenImpCasts())) {
    Compare(expression, expression->getLHS());  // assert(a == b && "why")
  } else {
    Compare(expression, expression);
  }
  return true;
}

bool AssertRewriter::VisitCXXOperatorCallExpr(clang::CXXOperatorCallExpr* expression) {
  Compare(expression, expression);
  return true;
}

bool AssertRewriter::VisitCXXRewrittenBinaryOperator(
    clang::CXXRewrittenBinaryOperator* expression) {
  Compare(expression, expression);
  return true;
}

bool AssertRewriter::TraverseDecl(clang::Decl* declaration) {
  auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(declaration);
  if (function == nullptr) return RecursiveASTVisitor::TraverseDecl(declaration);
  const std::string outer = function_;
  function_ = FunctionNameOf(function, sources_);
  const bool result = RecursiveASTVisitor::TraverseDecl(declaration);
  function_ = outer;
  return result;
}

bool AssertRewriter::TraverseLambdaExpr(clang::LambdaExpr* lambda) {
  const std::string outer = function_;
  function_ = FunctionNameOf(lambda->getCallOperator(), sources_);
  const bool result = RecursiveASTVisitor::TraverseLambdaExpr(lambda);
  function_ = outer;
  return result;
}

void AssertRewriter::Finish(EditSet& edits, std::vector<std::string>& notes) {
  std::sort(uses_.begin(), uses_.end(),
            [](const Use& a, const Use& b) { return a.begin < b.begin; });
  for (const Use& use : uses_) {
    const clang::PresumedLoc place = sources_.getPresumedLoc(use.place.name);
    const clang::FileID file = sources_.getFileID(sources_.getExpansionLoc(use.place.name));
    clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(file);
    if (!use.planned || !entry) {
      notes.push_back(std::string(place.getFilename()) + ":" + std::to_string(place.getLine()) +
                      ": assert left as it is: its operands' values are not kept");
      continue;
    }
    auto [it, is_new] = edits.try_emplace(entry->getName().str());
    FileEdits& target = it->second;
    if (is_new) target = FileEdits(TextOf(file).str());
    if (use.begin < target.end()) continue;  // within another, or in a file included twice
    target.Replace(use.begin, use.left_begin - use.begin, use.before_left);
    target.Replace(use.left_end, use.right_begin - use.left_end, use.before_right);
    target.Replace(use.right_end, use.end - use.right_end, use.after_right);
  }
}

}  // namespace csim::instrument
