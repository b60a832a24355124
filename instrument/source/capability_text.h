// Capability expressions of thread-safety attributes as source text that means the same elsewhere.
//
// An attribute says `guarded_by(mutex_)` where it is declared; the check is put where the member is used,
// as `account`'s: there the capability is `account.mutex_`.
#ifndef CSIM_INSTRUMENT_SOURCE_CAPABILITY_TEXT_H_
#define CSIM_INSTRUMENT_SOURCE_CAPABILITY_TEXT_H_

#include <optional>
#include <string>

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/Expr.h"

namespace csim::instrument {

// Where a capability is to be named.
struct CapabilityPlace {
  std::string
      object;  // what `this->` of the attribute is there: "this->", "(account)."; empty: nothing
  const clang::FunctionDecl* function =
      nullptr;  // in whose body; parameters of the attribute are its own
};

// An expression for the address of the capability that `expression`, an argument of an attribute, names.
// Nothing if it cannot be evaluated there.
std::optional<std::string> CapabilityAddress(const clang::Expr* expression,
                                             const CapabilityPlace& place,
                                             const clang::ASTContext& context);

// Whether evaluating it once more changes nothing: names, members, dereferences, simple subscripts.
bool IsRepeatable(const clang::Expr* expression);

// The text of an expression on one line; empty if it cannot be given.
std::string SourceTextOf(const clang::Expr* expression, const clang::ASTContext& context);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_CAPABILITY_TEXT_H_
