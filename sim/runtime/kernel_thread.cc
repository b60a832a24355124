#include "sim/runtime/kernel_thread.h"

#include <signal.h>
#include <sys/mman.h>

#include "sim/runtime/raw_syscall.h"

namespace csim {

KernelThread* g_running_kernel_thread = nullptr;

bool PrepareKernelThread(KernelThread& thread) {
  auto* memory =
      static_cast<char*>(MapMemory(kParkStackSize + kSignalStackSize, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE));
  if (memory == nullptr) return false;
  thread.signal_stack = memory;
  thread.park_stack_top = memory + kSignalStackSize + kParkStackSize;
  return true;
}

void UseSignalStack(KernelThread& thread) {
  stack_t stack{};
  stack.ss_sp = thread.signal_stack;
  stack.ss_size = kSignalStackSize;
  RawSyscall(SYS_sigaltstack, &stack, nullptr);
}

void Park(KernelThread& thread) {
  while (thread.go.load(std::memory_order_acquire) == 0) FutexWait(&thread.go, 0);
  thread.go.store(0, std::memory_order_relaxed);
  g_running_kernel_thread = &thread;
  csim_context_resume(thread.next);
}

void PassBatonAndPark(void* next_context) {
  KernelThread& self = *g_running_kernel_thread;
  auto* next = static_cast<Context*>(next_context);
  KernelThread& target = *next->kernel_thread;
  target.next = next;
  target.go.store(1, std::memory_order_release);
  FutexWake(&target.go, 1);
  Park(self);
}

void SwitchContext(Context& from, Context& to) {
  if (to.kernel_thread == g_running_kernel_thread) {
    csim_context_switch(&from, &to);
  } else {
    csim_context_leave(&from, g_running_kernel_thread->park_stack_top, &PassBatonAndPark, &to);
  }
}

void LeaveFor(Context& to) {
  if (to.kernel_thread == g_running_kernel_thread) csim_context_resume(&to);
  Context abandoned;
  csim_context_leave(&abandoned, g_running_kernel_thread->park_stack_top, &PassBatonAndPark, &to);
  __builtin_unreachable();
}

}  // namespace csim
