#include "sim/runtime/thread_pool.h"

#include <sys/auxv.h>
#include <sys/mman.h>

#include <cstring>
#include <new>

#include "model/check.h"
#include "sim/runtime/copy_back.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/real.h"

namespace csim {

namespace {

constexpr size_t kRuntimeStackSize = 128 << 10;

// How far down a stack that grows from `base` was used: to the first long run of zeros.
char* LowestUsed(char* base, uintptr_t limit) {
  constexpr size_t kGap = 1024;
  auto* end = reinterpret_cast<uint64_t*>(reinterpret_cast<uintptr_t>(base) & ~uintptr_t{63});
  auto* from = end;  // lowest word that is not known to be zero
  for (auto* at = end; reinterpret_cast<uintptr_t>(at) > limit + 64;) {
    at -= 8;
    const uint64_t any = at[0] | at[1] | at[2] | at[3] | at[4] | at[5] | at[6] | at[7];
    if (any != 0) from = at;
    if (reinterpret_cast<char*>(from) - reinterpret_cast<char*>(at) >= ptrdiff_t{kGap}) break;
  }
  return reinterpret_cast<char*>(from);
}

// What a task finds in the unused parts of its frames is then the same in every execution.
void WipeStack(char* base, uintptr_t limit) {
  char* const lowest = LowestUsed(base, limit);
  char* const end = reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(base) & ~uintptr_t{63});
  memset(lowest, 0, static_cast<size_t>(end - lowest));
}

// The end of the main thread's stack, behind arguments and environment.
uintptr_t EndOfMainStack() {
  const char* const last = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (last == nullptr) return 0;
  return (reinterpret_cast<uintptr_t>(last) + strlen(last) + 4096) & ~uintptr_t{4095};
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
    NoteMapping(thread->stack.begin);
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

bool ThreadPool::CanBeCopied(uint32_t slot) const {
  for (uint32_t i = 0; i < size_; ++i) {
    if (i != slot && slots_[i]->used) return false;
  }
  return csim_runtime_stack_top == nullptr && slots_[slot]->stack.Contains(csim_switch_state.sp);
}

void ThreadPool::Write(uint32_t number, ImageWriter& image) const {
  const PoolThread& thread = *slots_[number];
  image.PutMemory(&thread, sizeof thread);
  image.PutMemory(reinterpret_cast<const char*>(thread.thread_pointer) - tls_size_, tls_size_);
  // It is in the runtime, on a stack of its own; below, the way back, and what earlier calls have left.
  const auto* const runtime_now = static_cast<const char*>(thread.context.sp);
  CSIM_CHECK(runtime_now <= thread.runtime_stack_top &&
             thread.runtime_stack_top - runtime_now <= static_cast<ptrdiff_t>(kRuntimeStackSize));
  image.PutMemory(runtime_now, static_cast<size_t>(thread.runtime_stack_top - runtime_now));
  constexpr uintptr_t kWayBack = 64;
  auto* const now = reinterpret_cast<char*>(csim_switch_state.sp - kWayBack);
  const char* const lowest = LowestUsed(now, thread.stack.begin);
  const uintptr_t main_end = number == 0 ? EndOfMainStack() : 0;
  const auto end = main_end != 0 ? main_end : reinterpret_cast<uintptr_t>(thread.stack_base);
  image.PutMemory(lowest, end - reinterpret_cast<uintptr_t>(lowest));
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
