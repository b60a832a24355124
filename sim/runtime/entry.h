// Entry points that note their caller's registers and leave its stack alone.
//
// What the program's local state is can only be said if we do not change it: a call of ours would leave
// its own remains below the caller's stack pointer, where the caller's next call finds them in the
// unused parts of its frame. So while a task is in the runtime it runs on a second stack, the runtime
// stack of its slot (thread_pool.h). csim_runtime_stack_top is that of the running task; it is null
// while the task is on it, and outside tasks. Depends on the processor.
#ifndef CSIM_SIM_RUNTIME_ENTRY_H_
#define CSIM_SIM_RUNTIME_ENTRY_H_

#include <cstdint>

namespace csim {

// The callee-saved registers as the last entry point below found them.
struct CallerState {
  uint64_t registers[6];  // rbx, rbp, r12 ... r15
  uint64_t sp = 0;        // at the return address; 0: used up
};
extern "C" {
extern __attribute__((visibility("hidden"))) CallerState csim_caller_state;
// The same where csim_on_runtime_stack last left the program's stack, so in the midst of an entry point that does not note
// its caller's; `sp` is 0 if one below has left it since.
extern __attribute__((visibility("hidden"))) CallerState csim_switch_state;
extern __attribute__((visibility("hidden"))) char* csim_runtime_stack_top;

// Calls function(argument) on the runtime stack, on the present one if there is none or this is it.
__attribute__((visibility("hidden"))) void csim_on_runtime_stack(void (*function)(void*),
                                                                 void* argument);
}

// The same for anything that can be called, without arguments or result.
template <typename Function>
void OnRuntimeStack(Function&& function) {
  csim_on_runtime_stack([](void* f) { (*static_cast<Function*>(f))(); }, &function);
}

}  // namespace csim

#define CSIM_SAVE_CALLER_STATE              \
  "lea csim_caller_state(%%rip), %%rax\n\t" \
  "mov %%rbx, (%%rax)\n\t"                  \
  "mov %%rbp, 8(%%rax)\n\t"                 \
  "mov %%r12, 16(%%rax)\n\t"                \
  "mov %%r13, 24(%%rax)\n\t"                \
  "mov %%r14, 32(%%rax)\n\t"                \
  "mov %%r15, 40(%%rax)\n\t"                \
  "mov %%rsp, 48(%%rax)\n\t"

// Defines `declaration` as an entry point that notes its caller's state and calls `function`, which
// takes the same parameters (six at most, in registers), on the runtime stack.
#define CSIM_RUNTIME_ENTRY(declaration, function)                        \
  extern "C" __attribute__((naked, visibility("default"))) declaration { \
    asm(CSIM_SAVE_CALLER_STATE                                           \
        "mov csim_runtime_stack_top(%%rip), %%rax\n\t"                   \
        "test %%rax, %%rax\n\t"                                          \
        "jz %P0\n\t"                                                     \
        "push %%rbp\n\t"                                                 \
        ".cfi_def_cfa_offset 16\n\t"                                     \
        ".cfi_offset %%rbp, -16\n\t"                                     \
        "mov %%rsp, %%rbp\n\t"                                           \
        ".cfi_def_cfa_register %%rbp\n\t"                                \
        "push %%rax\n\t"                                                 \
        "movq $0, csim_switch_state+48(%%rip)\n\t"                       \
        "movq $0, csim_runtime_stack_top(%%rip)\n\t"                     \
        "mov %%rax, %%rsp\n\t"                                           \
        "call %P0\n\t"                                                   \
        "mov -8(%%rbp), %%rcx\n\t"                                       \
        "mov %%rcx, csim_runtime_stack_top(%%rip)\n\t"                   \
        "mov %%rbp, %%rsp\n\t"                                           \
        "pop %%rbp\n\t"                                                  \
        ".cfi_def_cfa %%rsp, 8\n\t"                                      \
        "ret"                                                            \
        :                                                                \
        : "i"(function));                                                \
  }

// As CSIM_RUNTIME_ENTRY, but goes on in `function` on the caller's stack: for functions that can be left
// by unwinding.
#define CSIM_SAVING_ENTRY(declaration, function)                         \
  extern "C" __attribute__((naked, visibility("default"))) declaration { \
    asm(CSIM_SAVE_CALLER_STATE "jmp %P0" : : "i"(function));             \
  }

#endif  // CSIM_SIM_RUNTIME_ENTRY_H_
