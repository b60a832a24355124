// Saved execution contexts and the switch between them: the one part that depends on the processor.
//
// A context is a stack pointer (the callee-saved registers lie on that stack) and a thread pointer.
// It may be resumed on any kernel thread. The assembler is in switch_x86_64.S.
#ifndef CSIM_SIM_RUNTIME_CONTEXT_H_
#define CSIM_SIM_RUNTIME_CONTEXT_H_

#include <cstdint>

namespace csim {

struct KernelThread;

struct Context {
  void* sp = nullptr;  // offsets 0 and 8 are known to the assembler
  uintptr_t thread_pointer = 0;
  KernelThread* kernel_thread = nullptr;  // where it runs
};

extern "C" {
// Saves the caller in `from` and goes on in `to`, on the same kernel thread. Returns when somebody
// resumes `from`.
void csim_context_switch(Context* from, Context* to);
// Goes on in `to` without saving the caller.
[[noreturn]] void csim_context_resume(Context* to);
// Saves the caller in `from`, then calls function(argument) on another stack; function never returns.
void csim_context_leave(Context* from, void* stack_top, void (*function)(void*), void* argument);
// Where fresh contexts begin: calls r13 with argument r12. Unwinders stop here.
void csim_context_entry();
// 1 if the processor and kernel allow wrfsbase in user mode.
extern uint8_t csim_context_fsgsbase;
}

// Makes `context` start with function(argument) on the stack that ends at `stack_top`.
inline void PrepareContext(Context& context, void* stack_top, void (*function)(void*),
                           void* argument) {
  auto* sp = reinterpret_cast<uint64_t*>(reinterpret_cast<uintptr_t>(stack_top) & ~uintptr_t{15});
  *--sp = 0;  // two words, so that the entry is aligned as after a call
  *--sp = 0;
  *--sp = reinterpret_cast<uint64_t>(&csim_context_entry);
  *--sp = 0;                                     // rbp
  *--sp = 0;                                     // rbx
  *--sp = reinterpret_cast<uint64_t>(argument);  // r12
  *--sp = reinterpret_cast<uint64_t>(function);  // r13
  *--sp = 0;                                     // r14
  *--sp = 0;                                     // r15
  *--sp = 0x1f80 | (uint64_t{0x037f} << 32);     // mxcsr, x87 control word: the ABI's initial ones
  context.sp = sp;
}

uintptr_t ReadThreadPointer();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_CONTEXT_H_
