// See names.h.
#include "instrument/code/names.h"

#include <cstdlib>
#include <cstring>

#include "llvm/Demangle/Demangle.h"

namespace csim::instrument {
namespace {

// Length of the name of a closure type ("$_0", "'lambda'(int)", "{lambda(int)#1}") with its call
// operator ("::operator()() const") that starts at text[at]; 0 if there is none.
size_t ClosureLength(const std::string& text, size_t at) {
  static constexpr char kCall[] = "::operator()";
  size_t end = at;
  if (text.compare(at, 2, "$_") == 0) {
    end = text.find_first_not_of("0123456789", at + 2);
  } else if (text.compare(at, 7, "'lambda") == 0) {
    end = text.find('\'', at + 1);
    end = end == std::string::npos ? end : text.find(kCall, end);
  } else if (text.compare(at, 7, "{lambda") == 0) {
    end = text.find('}', at);
    end = end == std::string::npos ? end : end + 1;
  }
  if (end == at || end == std::string::npos || text.compare(end, strlen(kCall), kCall) != 0) return 0;
  return end + strlen(kCall) - at;
}

// Skips "(int, char) const" and "<int>" after a call operator in the middle of a name.
size_t SkipSignature(const std::string& text, size_t at) {
  int depth = 0;
  size_t end = at;
  for (size_t i = at; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '<') ++depth;
    if (text[i] == ')' || text[i] == '>') --depth;
    if (depth == 0 && text.compare(i, 2, "::") == 0) return i;
    end = i + 1;
  }
  return end;
}

std::string WithoutClosures(const std::string& text, uint32_t line) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    const size_t length = ClosureLength(text, i);
    if (length == 0) {
      result.push_back(text[i++]);
      continue;
    }
    i = SkipSignature(text, i + length);
    result += "lambda";
    if (i >= text.size() && line != 0) result += " at line " + std::to_string(line);
  }
  return result;
}

// "main()::'lambda'..." and "f(int) const::x": drops the parameters of enclosing functions.
std::string WithoutScopeParameters(const std::string& text) {
  std::string result;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    static constexpr char kAnonymous[] = "(anonymous namespace)::";
    if (depth == 0 && text.compare(i, strlen(kAnonymous), kAnonymous) == 0) {
      i += strlen(kAnonymous) - 1;
      continue;
    }
    const bool is_operator = i >= 8 && text.compare(i - 8, 8, "operator") == 0;
    if (text[i] == '(' && !is_operator && depth >= 0) ++depth;
    if (depth == 0) result.push_back(text[i]);
    if (text[i] == ')' && depth > 0) --depth;
  }
  for (size_t at; (at = result.find(" const::")) != std::string::npos;) result.erase(at, 6);
  return result;
}

}  // namespace

std::string DisplayName(llvm::StringRef mangled, uint32_t line) {
  const std::string text = mangled.str();  // the demangler keeps pointers into it
  llvm::ItaniumPartialDemangler demangler;
  if (demangler.partialDemangle(text.c_str()) || !demangler.isFunction()) return text;
  size_t size = 0;
  char* name = demangler.getFunctionName(nullptr, &size);
  if (name == nullptr) return text;
  std::string result = WithoutClosures(name, line);
  free(name);
  return WithoutScopeParameters(result);
}

}  // namespace csim::instrument
