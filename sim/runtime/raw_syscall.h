// System calls made by the runtime itself, past libc: no errno, no interposition, no cancellation.
// They return the kernel's value (negative errno on failure). Kept in one section, so that a filter
// can tell them from the calls that the program makes (trap.h).
#ifndef CSIM_SIM_RUNTIME_RAW_SYSCALL_H_
#define CSIM_SIM_RUNTIME_RAW_SYSCALL_H_

#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

namespace csim {

extern "C" long csim_raw_syscall(long number, long a, long b, long c, long d, long e, long f);
extern "C" char csim_raw_syscall_end[];

template <typename... Args>
inline long RawSyscall(long number, Args... args) {
  long a[6] = {(long)args...};
  return csim_raw_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// Waits while *word == value; may return early.
inline void FutexWait(const void* word, uint32_t value) {
  RawSyscall(SYS_futex, word, 0 /* FUTEX_WAIT */, value, nullptr, nullptr, 0);
}
inline void FutexWake(const void* word, int count) {
  RawSyscall(SYS_futex, word, 1 /* FUTEX_WAKE */, count, nullptr, nullptr, 0);
}
inline int GetTid() { return static_cast<int>(RawSyscall(SYS_gettid)); }
inline int GetPid() { return static_cast<int>(RawSyscall(SYS_getpid)); }
[[noreturn]] inline void ExitProcess(int code) {
  RawSyscall(SYS_exit_group, code);
  __builtin_trap();
}
// `text` to descriptor 2, for the runtime's own distress.
void WriteError(const char* text);

// mmap without errno: nullptr on failure. For memory of the runtime's own.
void* MapMemory(size_t size, int protection, int flags, void* hint = nullptr);
// Says what was mapped where by this process, with those that it was forked from: two that did the same have the same
// memory of the runtime's own at the same addresses.
uint64_t MappingsMade();
// The same for memory that libc has mapped for the runtime.
void NoteMapping(uintptr_t address);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_RAW_SYSCALL_H_
