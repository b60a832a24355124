// What a system call answers, as a function of libc gives it to the program.
#ifndef CSIM_SIM_RUNTIME_INTERPOSE_ANSWER_H_
#define CSIM_SIM_RUNTIME_INTERPOSE_ANSWER_H_

#include <errno.h>

namespace csim {

// A negative errno becomes -1 and errno.
template <typename Result = long>
Result Answer(long result) {
  if (result >= 0) return static_cast<Result>(result);
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_INTERPOSE_ANSWER_H_
