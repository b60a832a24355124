// The program's registers as they are at a call of an entry point.
//
// A call leaves what the caller still needs in the callee-saved registers and on the stack. An entry
// point made by CSIM_SAVING_ENTRY notes the registers before any code of ours can use them, and goes on
// in the function that does the work. Depends on the processor.
#ifndef CSIM_SIM_RUNTIME_CALLER_STATE_H_
#define CSIM_SIM_RUNTIME_CALLER_STATE_H_

#include <cstdint>

namespace csim {

struct CallerState {
  uint64_t registers[6];  // rbx, rbp, r12 ... r15
  uint64_t sp = 0;        // at the return address; 0: not noted
};
extern "C" __attribute__((visibility("hidden"))) CallerState csim_caller_state;

}  // namespace csim

// Defines `declaration` as an entry point that saves its caller's state and goes on in `function`,
// which takes the same parameters.
#define CSIM_SAVING_ENTRY(declaration, function)                                             \
  extern "C" __attribute__((naked, visibility("default"))) declaration {                     \
    asm("lea csim_caller_state(%%rip), %%rax\n\t"                                            \
        "mov %%rbx, (%%rax)\n\t"                                                             \
        "mov %%rbp, 8(%%rax)\n\t"                                                            \
        "mov %%r12, 16(%%rax)\n\t"                                                           \
        "mov %%r13, 24(%%rax)\n\t"                                                           \
        "mov %%r14, 32(%%rax)\n\t"                                                           \
        "mov %%r15, 40(%%rax)\n\t"                                                           \
        "mov %%rsp, 48(%%rax)\n\t"                                                           \
        "jmp %P0"                                                                            \
        :                                                                                    \
        : "i"(function));                                                                    \
  }

#endif  // CSIM_SIM_RUNTIME_CALLER_STATE_H_
