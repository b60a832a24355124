// Turns Clang's thread-safety attributes into checks at run time.
//
// The meaning is that of Clang's analysis (clang.llvm.org/docs/ThreadSafetyAnalysis.html), but looked at in
// the execution at hand, so it needs no annotations to follow the program:
//   guarded_by, pt_guarded_by         each access asks whether the task holds the capability
//   requires_capability, assert_...   asked where the function's body begins; the caller is to blame
//   locks_excluded                    likewise, that it is not held
//   acquire_..., release_..., try_acquire_capability
//                                     tell the runtime when the function returns, so that handmade locks count
//   scoped_lockable                   what its constructor acquires its destructor gives up
// and the older spellings. Constructors and destructors may access what they guard, and functions marked
// no_thread_safety_analysis anything. Whatever cannot be evaluated at its place is left alone, with a note.
#ifndef CSIM_INSTRUMENT_SOURCE_CONTRACT_REWRITER_H_
#define CSIM_INSTRUMENT_SOURCE_CONTRACT_REWRITER_H_

#include <string>
#include <vector>

#include "clang/AST/RecursiveASTVisitor.h"
#include "instrument/source/capability_text.h"
#include "instrument/source/edits.h"

namespace csim::instrument {

class ContractRewriter : public clang::RecursiveASTVisitor<ContractRewriter> {
 public:
  explicit ContractRewriter(clang::ASTContext& context)
      : context_(context), sources_(context.getSourceManager()) {}

  bool shouldVisitTemplateInstantiations() const { return false; }
  bool shouldVisitImplicitCode() const { return false; }
  bool TraverseDecl(clang::Decl* declaration);
  bool TraverseLambdaExpr(clang::LambdaExpr* lambda);
  bool TraverseAttr(clang::Attr*) { return true; }
  bool TraverseDecltypeTypeLoc(clang::DecltypeTypeLoc) { return true; }
  bool TraverseTypeOfExprTypeLoc(clang::TypeOfExprTypeLoc) { return true; }
  bool dataTraverseStmtPre(clang::Stmt* statement) {
    path_.push_back(statement);
    return true;
  }
  bool dataTraverseStmtPost(clang::Stmt*) {
    path_.pop_back();
    return true;
  }
  bool VisitMemberExpr(clang::MemberExpr* expression);
  bool VisitDeclRefExpr(clang::DeclRefExpr* expression);
  bool VisitReturnStmt(clang::ReturnStmt* statement);

  // Adds the edits to those that are there, and a note for whatever is left alone.
  void Finish(EditSet& edits, std::vector<std::string>& notes);

 private:
  enum class Access { kNone, kRead, kWrite };

  // A function whose body is being looked at.
  struct Function {
    const clang::FunctionDecl* declaration = nullptr;
    bool exempt = false;  // its accesses are not checked
    bool tries = false;   // its returns say whether it acquired...
    bool success = false;
    std::vector<std::string> tried;  // ... these: names of variables that were put in
  };

  struct Insertion {
    std::string path;
    clang::FileID file;
    unsigned offset;
    bool closes;      // the end of something that begins before
    unsigned length;  // of that, or of what begins here
    std::string text;
    unsigned number;  // in order of being found
  };

  void Enter(const clang::FunctionDecl* function, clang::Stmt* body);
  std::string EntryText(Function& function);
  void AddExpected(const Function& function, llvm::ArrayRef<clang::Expr*> arguments, bool shared,
                   const char* what, std::string* text);
  void AddChanges(Function& function, llvm::ArrayRef<clang::Expr*> arguments, const char* change,
                  bool shared, std::string* text);
  void AddTried(Function& function, const clang::Expr* success,
                llvm::ArrayRef<clang::Expr*> arguments, bool shared, std::string* text);
  std::vector<std::string> AddressesOf(const Function& function,
                                       llvm::ArrayRef<clang::Expr*> arguments, const char* what);
  CapabilityPlace PlaceIn(const Function& function) const;

  void CheckUse(const clang::Expr* expression, const clang::ValueDecl* declaration,
                const std::string& object);
  void AddCheck(const clang::Expr* expression, const clang::ValueDecl* declaration,
                const clang::Expr* capability, const std::string& object, Access access,
                const char* attribute);
  // What happens to the object that the expression on top of the path is, or (`behind`) to what it points to.
  Access AccessTo(bool behind) const;

  bool Wrap(const clang::Expr* expression, const std::string& before, const std::string& after);
  bool Insert(clang::SourceLocation location, const std::string& text);
  void Note(clang::SourceLocation location, const std::string& text);
  std::string Spelled(const clang::Expr* expression) const;

  clang::ASTContext& context_;
  clang::SourceManager& sources_;
  std::vector<clang::Stmt*> path_;
  std::vector<Function> functions_;
  std::vector<Insertion> insertions_;
  std::vector<std::string> notes_;
  unsigned variables_ = 0;  // put in so far
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_CONTRACT_REWRITER_H_
