#include "model/check.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace csim {
namespace {

void Write(const char* text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

}  // namespace

[[noreturn]] __attribute__((weak)) void CheckFailed(const char* file, int line,
                                                    const char* condition) {
  char digits[12];
  char* end = digits + sizeof digits - 1;
  char* first = end;
  *end = '\0';
  do {
    *--first = static_cast<char>('0' + line % 10);
    line /= 10;
  } while (line > 0);
  Write("csim: internal error: ");
  Write(file);
  Write(":");
  Write(first);
  Write(": check failed: ");
  Write(condition);
  Write("\n");
  std::abort();
}

}  // namespace csim
