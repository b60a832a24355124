// CSIM_CHECK: assertions about our own code that stay on in release builds.
//
// What a program under test can cause is reported, never checked; a failed check is our mistake.
#ifndef CSIM_MODEL_CHECK_H_
#define CSIM_MODEL_CHECK_H_

namespace csim {

// Called by a failed check. The default (a weak symbol) writes the message to file descriptor 2 and
// aborts; a binary that wants something else defines a function of this name.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace csim

#define CSIM_CHECK(condition)                  \
  (__builtin_expect(!!(condition), 1) ? void() \
                                      : ::csim::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // CSIM_MODEL_CHECK_H_
