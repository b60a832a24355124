#include "sim/runtime/thread_pool.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "sim/runtime/copy_back.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/real.h"

namespace csim {

namespace {

constexpr size_t kRuntimeStackSize = 128 << 10;

// Zeroes what was used of a stack that grows down from `base`: up to the first long run of zeros. What
// a task finds in the unused parts of its frames is then the same in every execution.
void WipeStack(char* base, uintptr_t limit) {
  constexpr size_t kGap = 1024;
  auto* end = reinterpret_cast<uint64_t*>(reinterpret_cast<uintptr_t>(base) & ~uintptr_t{63});
  auto* from = end;  // lowest word that is not known to be zero
  for (auto* at = end; reinterpret_cast<uintptr_t>(at) > limit + 64;) {
    at -= 8;
    const uint64_t any = at[0] | at[1] | at[2] | at[3] | at[4] | at[5] | at[6] | at[7];
    if (any != 0) from = at;
    if (reinterpret_cast<char*>(from) - reinterpret_cast<char*>(at) >= ptrdiff_t{kGap}) break;
  }
  memset(from, 0,
         static_cast<size_t>(reinterpret_cast<char*>(end) - reinterpret_cast<char*>(from)));
}

struct Birth {
  PoolThread* thread;
  std::atomic<uint32_t> parked{0};
};

void ParkNewThread(void* birth_pointer) {
  auto* birth = static_cast<Birth*>(birth_pointer);
  KernelThread& kernel = birth->thread->kernel;
  birth->parked.store(1, std::memory_order_release);
  FutexWake(&birth->parked, 1);
  Park(kernel);
}

Range StackOf(pthread_t thread) {
  pthread_attr_t attributes;
  void* address = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(thread, &attributes) != 0) return {};
  pthread_attr_getstack(&attributes, &address, &size);
  pthread_attr_destroy(&attributes);
  const auto begin = reinterpret_cast<uintptr_t>(address);
  return {begin, begin + size};
}

}  // namespace

PoolThread* ThreadPool::NewSlot() {
  void* memory = MapMemory(sizeof(PoolThread) + tls_size_ + 64, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS);
  if (memory == nullptr) return nullptr;
  auto* thread = new (memory) PoolThread;
  char* stack = static_cast<char*>(MapMemory(kRuntimeStackSize, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE));
  if (stack == nullptr) return nullptr;
  thread->runtime_stack_top = stack + kRuntimeStackSize;
  thread->tls_copy = static_cast<char*>(memory) + sizeof(PoolThread);
  return thread;
}

bool ThreadPool::AdoptMain(size_t tls_size, char* stack_base, KernelThread* kernel) {
  tls_size_ = tls_size;
  PoolThread* thread = NewSlot();
  if (thread == nullptr) return false;
  thread->pthread = pthread_self();
  thread->thread_pointer = ReadThreadPointer();
  thread->stack = StackOf(thread->pthread);
  thread->stack_base = stack_base;
  main_kernel_ = kernel;
  thread->context.kernel_thread = kernel;
  thread->context.thread_pointer = thread->thread_pointer;
  memcpy(thread->tls_copy, reinterpret_cast<char*>(thread->thread_pointer) - tls_size_, tls_size_);
  slots_[0] = thread;
  size_ = 1;
  return true;
}

void* ThreadPool::Body(void* birth_pointer) {
  auto* birth = static_cast<Birth*>(birth_pointer);
  PoolThread* thread = birth->thread;
  thread->thread_pointer = ReadThreadPointer();
  thread->kernel.tid = GetTid();
  thread->stack_base = static_cast<char*>(__builtin_frame_address(0)) - 1024;
  UseSignalStack(thread->kernel);
  csim_context_leave(&thread->context, thread->kernel.park_stack_top, &ParkNewThread, birth);
  return nullptr;  // never reached: a pooled thread is never given back
}

bool ThreadPool::Ensure(uint32_t slot, size_t stack_size) {
  while (size_ <= slot) {
    if (size_ == kMaxSlots) return false;
    PoolThread* thread = NewSlot();
    if (thread == nullptr || !PrepareKernelThread(thread->kernel)) return false;
    Birth birth{thread};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    const int error = CSIM_REAL(pthread_create)(&thread->pthread, &attributes, &Body, &birth);
    pthread_attr_destroy(&attributes);
    if (error != 0) return false;
    while (birth.parked.load(std::memory_order_acquire) == 0) FutexWait(&birth.parked, 0);
    thread->stack = StackOf(thread->pthread);
    thread->context.thread_pointer = thread->thread_pointer;
    thread->context.kernel_thread = user_switching_ ? main_kernel_ : &thread->kernel;
    memcpy(thread->tls_copy, reinterpret_cast<char*>(thread->thread_pointer) - tls_size_,
           tls_size_);
    slots_[size_++] = thread;
  }
  return true;
}

void ThreadPool::Restore() {
  for (uint32_t i = 0; i < size_; ++i) {
    PoolThread& thread = *slots_[i];
    if (!thread.used && i != 0) continue;
    CopyBack(reinterpret_cast<char*>(thread.thread_pointer) - tls_size_, thread.tls_copy,
             tls_size_);
    WipeStack(thread.stack_base, thread.stack.begin);
    thread.used = false;
    thread.task = kNoTask;
  }
}

void ThreadPool::AfterFork(uint32_t slot, TaskId task) {
  // What is so already is not written: that would copy the page.
  if (!user_switching_) user_switching_ = true;
  for (uint32_t i = 0; i < size_; ++i) {
    PoolThread& thread = *slots_[i];
    if (thread.context.kernel_thread != main_kernel_) thread.context.kernel_thread = main_kernel_;
    // What another slot was used for stays on its stack, where the forking task may point to.
    const TaskId now = i == slot ? task : kNoTask;
    if (thread.task != now) thread.task = now;
  }
}

int ThreadPool::Find(pthread_t thread) const {
  for (uint32_t i = 0; i < size_; ++i) {
    if (slots_[i]->pthread == thread) return static_cast<int>(i);
  }
  return -1;
}

int ThreadPool::FindByAddress(uintptr_t address) const {
  for (uint32_t i = 0; i < size_; ++i) {
    const PoolThread& t = *slots_[i];
    if (t.stack.Contains(address)) return static_cast<int>(i);
    if (address < t.thread_pointer && address >= t.thread_pointer - tls_size_) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace csim
