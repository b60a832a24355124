// Rewrites assert(a == b) so that a failure can tell the values of a and b.
#ifndef CSIM_INSTRUMENT_SOURCE_ASSERT_REWRITER_H_
#define CSIM_INSTRUMENT_SOURCE_ASSERT_REWRITER_H_

#include <string>
#include <vector>

#include "clang/AST/RecursiveASTVisitor.h"
#include "instrument/source/edits.h"
#include "instrument/source/macro_watcher.h"

namespace csim::instrument {

class AssertRewriter : public clang::RecursiveASTVisitor<AssertRewriter> {
 public:
  AssertRewriter(clang::ASTContext& context, std::vector<AssertUse> asserts);

  bool shouldVisitTemplateInstantiations() const { return false; }
  bool TraverseDecl(clang::Decl* declaration);
  bool TraverseLambdaExpr(clang::LambdaExpr* lambda);
  bool VisitBinaryOperator(clang::BinaryOperator* expression);
  bool VisitCXXOperatorCallExpr(clang::CXXOperatorCallExpr* expression);
  bool VisitCXXRewrittenBinaryOperator(clang::CXXRewrittenBinaryOperator* expression);

  // Adds the edits of all asserts that could be rewritten, and a note for each of the others.
  void Finish(EditSet& edits, std::vector<std::string>& notes);

 private:
  struct Use {
    AssertUse place;
    bool planned = false;
    unsigned begin = 0;  // of `assert`, as an offset in its file
    unsigned open = 0;   // of the opening parenthesis
    unsigned end = 0;    // after the closing one
    unsigned left_begin = 0, left_end = 0, right_begin = 0, right_end = 0;
    std::string before_left;   // "csim_assert_int_eq((int)("
    std::string before_right;  // "), (int)("
    std::string after_right;   // "), "a == b", __FILE__, 7, "main")"
  };

  void Locate(Use& use) const;
  // The assert whose whole condition is `expression`; null if there is none or it is planned.
  Use* FindUse(const clang::Expr* expression);
  void Compare(const clang::Expr* whole, const clang::Expr* comparison);
  void CompareBuiltin(Use& use, const clang::BinaryOperator* comparison);
  void CompareAny(Use& use, const clang::Expr* left, const clang::Expr* right,
                  clang::BinaryOperatorKind kind);
  // `cast` (may be empty) goes around both operands.
  void Plan(Use& use, const clang::Expr* left, const clang::Expr* right, const std::string& helper,
            const std::string& cast, const std::string& kinds);
  bool OffsetsOf(const clang::Expr* expression, clang::FileID file, unsigned* begin,
                 unsigned* end) const;
  llvm::StringRef TextOf(clang::FileID file) const;

  clang::ASTContext& context_;
  clang::SourceManager& sources_;
  std::vector<Use> uses_;
  std::string function_;  // that the visitor is in
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_ASSERT_REWRITER_H_
