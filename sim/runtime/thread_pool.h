// Real pthreads, made once and used again: the bodies of the tasks.
//
// A pooled pthread starts, notes its stack and thread pointer, and parks (kernel_thread.h). From then
// on its stack and thread-locals belong to whichever task is assigned to it. Slot 0 is the main
// thread. The slot number is also the task's slot in the race detector.
#ifndef CSIM_SIM_RUNTIME_THREAD_POOL_H_
#define CSIM_SIM_RUNTIME_THREAD_POOL_H_

#include <pthread.h>

#include <cstdint>

#include "model/ids.h"
#include "sim/runtime/context.h"
#include "sim/runtime/images.h"
#include "sim/runtime/kernel_thread.h"
#include "sim/runtime/memory_image.h"

namespace csim {

struct PoolThread {
  pthread_t pthread = 0;
  uintptr_t thread_pointer = 0;
  Range stack;                        // without its guard page
  char* stack_base = nullptr;         // where a task's frames begin
  char* runtime_stack_top = nullptr;  // of the stack for our own code (entry.h)
  KernelThread kernel;
  Context context;           // of the task that runs on it
  char* tls_copy = nullptr;  // its thread-locals when it was fresh
  TaskId task = kNoTask;     // the last one of this execution
  bool used = false;         // in this execution
};

class ThreadPool {
 public:
  static constexpr uint32_t kMaxSlots = 1000;

  // Makes the calling thread slot 0; all its later tasks begin below `stack_base`.
  bool AdoptMain(size_t tls_size, char* stack_base, KernelThread* kernel);
  // Makes sure that slot `slot` exists. `main_kernel`: the kernel thread that runs all contexts under
  // user switching; null: each runs on its own. False if the system refuses.
  bool Ensure(uint32_t slot, size_t stack_size);
  // Fresh contents for the thread-locals, and empty stacks, of all slots used in this execution.
  void Restore();
  // This process is a fresh copy that `task` forked from `slot`: the other tasks are not in it, and there
  // is one kernel thread for all contexts.
  void AfterFork(uint32_t slot, TaskId task);
  // True if the running task, in `slot`, is the only one that has used a slot in this execution, and stands on the
  // slot's stack.
  bool CanBeCopied(uint32_t slot) const;
  // Writes down what is in `slot`, which a task of this execution has used (reuse.h).
  void Write(uint32_t slot, ImageWriter& image) const;
  // Which kernel threads run the contexts from now on.
  void SetUserSwitching(bool user) { user_switching_ = user; }

  PoolThread& slot(uint32_t i) { return *slots_[i]; }
  uint32_t size() const { return size_; }
  // Slot whose pthread_t this is; -1 if none.
  int Find(pthread_t thread) const;
  // Slot whose stack or thread-locals contain the address; -1 if none.
  int FindByAddress(uintptr_t address) const;
  size_t tls_size() const { return tls_size_; }
  KernelThread* main_kernel() { return main_kernel_; }

 private:
  static void* Body(void* slot);
  PoolThread* NewSlot();

  PoolThread* slots_[kMaxSlots] = {};
  uint32_t size_ = 0;
  size_t tls_size_ = 0;
  bool user_switching_ = true;
  KernelThread* main_kernel_ = nullptr;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_THREAD_POOL_H_
