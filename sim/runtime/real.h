// The functions that the runtime stands in front of, as libc defines them.
#ifndef CSIM_SIM_RUNTIME_REAL_H_
#define CSIM_SIM_RUNTIME_REAL_H_

#include <dlfcn.h>

// The next definition of `name` after the runtime's own, looked up once.
#define CSIM_REAL(name)                                                        \
  ([] {                                                                        \
    static decltype(&::name) function;                                         \
    if (function == nullptr) {                                                 \
      function = reinterpret_cast<decltype(&::name)>(dlsym(RTLD_NEXT, #name)); \
    }                                                                          \
    return function;                                                           \
  }())

// Marks a definition that takes the place of libc's or libstdc++'s.
#define CSIM_INTERPOSE extern "C" __attribute__((visibility("default")))

#endif  // CSIM_SIM_RUNTIME_REAL_H_
