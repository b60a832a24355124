// Kernel threads and the baton: exactly one of a worker's kernel threads runs at a time.
//
// A parked kernel thread waits in a futex call on a small stack of its own, so that the normal stack
// and the thread-locals of its pthread are free to be used: by the worker's main kernel thread
// (user switching) or by itself (kernel switching). All functions: called by the holder of the baton.
#ifndef CSIM_SIM_RUNTIME_KERNEL_THREAD_H_
#define CSIM_SIM_RUNTIME_KERNEL_THREAD_H_

#include <atomic>
#include <cstdint>

#include "sim/runtime/context.h"

namespace csim {

struct KernelThread {
  int tid = 0;
  std::atomic<uint32_t> go{0};  // 1: take `next` and run
  Context* next = nullptr;
  char* park_stack_top = nullptr;
  char* signal_stack = nullptr;
};

inline constexpr size_t kParkStackSize = 16 << 10;
inline constexpr size_t kSignalStackSize = 64 << 10;

// Gives `thread` its small stacks. False if there is no memory.
bool PrepareKernelThread(KernelThread& thread);
// Installs its signal stack; called on the thread itself.
void UseSignalStack(KernelThread& thread);

// Saves the running task in `from` and goes on in `to`, wherever that runs. Returns when `from` is
// resumed. `running` is the kernel thread that runs now; it is updated by whoever takes over.
void SwitchContext(Context& from, Context& to);
// The same without a way back.
[[noreturn]] void LeaveFor(Context& to);

// Body for csim_context_leave on the park stack of the running kernel thread: hands the baton to the one
// where the context `next` runs, and parks.
void PassBatonAndPark(void* next);

// The parking loop; never returns. Runs on the park stack of `thread`.
[[noreturn]] void Park(KernelThread& thread);

// The kernel thread that holds the baton.
extern KernelThread* g_running_kernel_thread;

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_KERNEL_THREAD_H_
