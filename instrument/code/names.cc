// See names.h.
#include "instrument/code/names.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "llvm/Demangle/Demangle.h"

namespace csim::instrument {
namespace {

constexpr char kOperator[] = "operator";

// What clang appends to a coroutine's name for the function that calls await_suspend.
constexpr char kAwaitSuspend[] = ".__await_suspend_wrapper__";

bool IsAt(const std::string& text, size_t at, const char* word) {
  return text.compare(at, strlen(word), word) == 0;
}

// End of the bracketed text that opens at text[at]; `()`, `<>`, `{}` and `[]` nest.
size_t SkipBrackets(const std::string& text, size_t at) {
  int depth = 0;
  for (size_t i = at; i < text.size(); ++i) {
    if (strchr("(<{[", text[i]) != nullptr) ++depth;
    if (strchr(")>}]", text[i]) != nullptr && --depth == 0) return i + 1;
  }
  return text.size();
}

// End of "operator<<", "operator()" or "operator new" at text[at]; `at` if there is none.
size_t SkipOperator(const std::string& text, size_t at) {
  if (!IsAt(text, at, kOperator)) return at;
  size_t end = at + strlen(kOperator);
  if (IsAt(text, end, "()") || IsAt(text, end, "[]")) return end + 2;
  while (end < text.size() && strchr("<>=!+-*/%^&|~,", text[end]) != nullptr) ++end;
  return end;
}

// End of the name of a closure type at text[at], "$_0", "'lambda'(int)" or "{lambda(int)#1}"; `at`
// if there is none.
size_t SkipClosure(const std::string& text, size_t at) {
  if (IsAt(text, at, "$_"))
    return std::min(text.find_first_not_of("0123456789", at + 2), text.size());
  if (IsAt(text, at, "{lambda")) return SkipBrackets(text, at);
  if (!IsAt(text, at, "'lambda")) return at;
  const size_t quote = text.find('\'', at + 1);
  if (quote == std::string::npos) return at;
  return quote + 1 < text.size() && text[quote + 1] == '(' ? SkipBrackets(text, quote + 1)
                                                           : quote + 1;
}

// Copies a qualified name without parameters of enclosing functions and template arguments of the
// function itself; closures become "lambda".
std::string Simplify(const std::string& text, bool* is_lambda) {
  std::string result;
  size_t arguments = std::string::npos;  // where template arguments of the last part begin
  for (size_t i = 0; i < text.size();) {
    if (const size_t end = SkipOperator(text, i); end != i) {
      result.append(text, i, end - i);
      i = end;
    } else if (const size_t end_of_closure = SkipClosure(text, i); end_of_closure != i) {
      result += "lambda";
      i = end_of_closure;
      if (IsAt(text, i, "::operator()")) i += strlen("::operator()");
      *is_lambda = i >= text.size() || text[i] == '<';
    } else if (IsAt(text, i, "(anonymous namespace)::")) {
      i += strlen("(anonymous namespace)::");
    } else if (text[i] == '(') {
      i = SkipBrackets(text, i);
      if (IsAt(text, i, " const")) i += strlen(" const");
    } else if (text[i] == '<') {
      const size_t end_of_arguments = SkipBrackets(text, i);
      arguments = end_of_arguments == text.size() ? result.size() : std::string::npos;
      result.append(text, i, end_of_arguments - i);
      i = end_of_arguments;
    } else {
      result.push_back(text[i++]);
    }
  }
  if (arguments != std::string::npos) result.erase(arguments);
  return result;
}

void Replace(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// "std::vector<int, std::allocator<int>>" becomes "std::vector<int>".
std::string WithoutDefaults(std::string text) {
  for (const char* word : {", std::allocator<", ", std::char_traits<", ", std::default_delete<",
                           ", std::less<", ", std::hash<", ", std::equal_to<"}) {
    for (size_t at; (at = text.find(word)) != std::string::npos;) {
      text.erase(at, SkipBrackets(text, at + strlen(word) - 1) - at);
    }
  }
  Replace(text, "std::__cxx11::", "std::");
  Replace(text, "std::basic_string<char>", "std::string");
  Replace(text, "std::_V2::", "std::");
  return text;
}

}  // namespace

bool IsPartOfCoroutine(llvm::StringRef mangled) { return mangled.contains(kAwaitSuspend); }

std::string DisplayName(llvm::StringRef mangled, uint32_t line) {
  mangled = mangled.substr(0, mangled.find(kAwaitSuspend));
  const std::string text = mangled.str();  // the demangler keeps pointers into it
  llvm::ItaniumPartialDemangler demangler;
  if (demangler.partialDemangle(text.c_str()) || !demangler.isFunction()) return text;
  size_t size = 0;
  char* name = demangler.getFunctionName(nullptr, &size);
  if (name == nullptr) return text;
  bool is_lambda = false;
  std::string result = WithoutDefaults(Simplify(name, &is_lambda));
  free(name);
  if (is_lambda && line != 0) result += " at line " + std::to_string(line);
  return result;
}

}  // namespace csim::instrument
