// Calls that change the process in the kernel: they do what they always do, and csim notes that they have.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <ulimit.h>
#include <unistd.h>

#include "sim/runtime/interpose/common.h"

using namespace csim;

namespace {

KernelState* State() { return g_runtime.Active() ? &g_runtime.kernel_state : nullptr; }

void NoteOther() {
  if (KernelState* const state = State()) state->NoteOther();
}

void NoteScheduling() {
  if (KernelState* const state = State()) state->NoteScheduling();
}

// The pages are other ones than mmap has made.
void NoteProtected(void* address, size_t size) {
  // What the execution has mapped itself is gone with it.
  const bool own = g_runtime.Active() && g_runtime.shared_memory.NoteProtected(
                                             reinterpret_cast<uintptr_t>(address), size);
  if (!own) NoteOther();
}

}  // namespace

CSIM_INTERPOSE int chdir(const char* path) noexcept {
  if (KernelState* const state = State()) state->NoteDirectory();
  return CSIM_REAL(chdir)(path);
}

CSIM_INTERPOSE int fchdir(int fd) noexcept {
  if (KernelState* const state = State()) state->NoteDirectory();
  return CSIM_REAL(fchdir)(fd);
}

CSIM_INTERPOSE mode_t umask(mode_t mask) noexcept {
  if (KernelState* const state = State()) state->NoteMask();
  return CSIM_REAL(umask)(mask);
}

CSIM_INTERPOSE int mprotect(void* address, size_t size, int protection) noexcept {
  NoteProtected(address, size);
  return CSIM_REAL(mprotect)(address, size, protection);
}

CSIM_INTERPOSE int madvise(void* address, size_t size, int advice) noexcept {
  // Some say what the memory holds, or what a fork does with it; most change nothing that the program can see.
  const bool changes = advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE ||
                       advice == MADV_DONTFORK || advice == MADV_DOFORK ||
                       advice == MADV_WIPEONFORK || advice == MADV_KEEPONFORK;
  if (changes) NoteProtected(address, size);
  return CSIM_REAL(madvise)(address, size, advice);
}

CSIM_INTERPOSE void* mremap(void* address, size_t old_size, size_t new_size, int flags,
                            ...) noexcept {
  va_list list;
  va_start(list, flags);
  void* const target = va_arg(list, void*);
  va_end(list);
  NoteOther();
  return CSIM_REAL(mremap)(address, old_size, new_size, flags, target);
}

CSIM_INTERPOSE int brk(void* end) noexcept { return NoteOther(), CSIM_REAL(brk)(end); }
CSIM_INTERPOSE void* sbrk(intptr_t by) noexcept { return NoteOther(), CSIM_REAL(sbrk)(by); }

CSIM_INTERPOSE int setrlimit(__rlimit_resource_t which, const rlimit* limit) noexcept {
  return NoteOther(), CSIM_REAL(setrlimit)(which, limit);
}
CSIM_INTERPOSE int setrlimit64(__rlimit_resource_t which, const rlimit64* limit) noexcept {
  return NoteOther(), CSIM_REAL(setrlimit64)(which, limit);
}
CSIM_INTERPOSE int prlimit(pid_t pid, __rlimit_resource which, const rlimit* limit,
                           rlimit* old) noexcept {
  if (limit != nullptr) NoteOther();
  return CSIM_REAL(prlimit)(pid, which, limit, old);
}
CSIM_INTERPOSE int prlimit64(pid_t pid, __rlimit_resource which, const rlimit64* limit,
                             rlimit64* old) noexcept {
  if (limit != nullptr) NoteOther();
  return CSIM_REAL(prlimit64)(pid, which, limit, old);
}

CSIM_INTERPOSE long ulimit(int command, ...) noexcept {
  va_list list;
  va_start(list, command);
  const long limit = va_arg(list, long);
  va_end(list);
  if (command == UL_SETFSIZE) NoteOther();
  return CSIM_REAL(ulimit)(command, limit);
}

CSIM_INTERPOSE int nice(int by) noexcept { return NoteScheduling(), CSIM_REAL(nice)(by); }
CSIM_INTERPOSE int setpriority(__priority_which_t which, id_t who, int priority) noexcept {
  which == PRIO_PROCESS ? NoteScheduling() : NoteOther();
  return CSIM_REAL(setpriority)(which, who, priority);
}
CSIM_INTERPOSE int sched_setscheduler(pid_t pid, int policy, const sched_param* param) noexcept {
  return NoteScheduling(), CSIM_REAL(sched_setscheduler)(pid, policy, param);
}
CSIM_INTERPOSE int sched_setparam(pid_t pid, const sched_param* param) noexcept {
  return NoteScheduling(), CSIM_REAL(sched_setparam)(pid, param);
}
CSIM_INTERPOSE int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t* set) noexcept {
  return NoteScheduling(), CSIM_REAL(sched_setaffinity)(pid, size, set);
}
CSIM_INTERPOSE int pthread_setschedparam(pthread_t thread, int policy,
                                         const sched_param* param) noexcept {
  return NoteScheduling(), CSIM_REAL(pthread_setschedparam)(thread, policy, param);
}
CSIM_INTERPOSE int pthread_setschedprio(pthread_t thread, int priority) noexcept {
  return NoteScheduling(), CSIM_REAL(pthread_setschedprio)(thread, priority);
}
CSIM_INTERPOSE int pthread_setaffinity_np(pthread_t thread, size_t size,
                                          const cpu_set_t* set) noexcept {
  return NoteScheduling(), CSIM_REAL(pthread_setaffinity_np)(thread, size, set);
}

CSIM_INTERPOSE int setuid(uid_t id) noexcept { return NoteOther(), CSIM_REAL(setuid)(id); }
CSIM_INTERPOSE int setgid(gid_t id) noexcept { return NoteOther(), CSIM_REAL(setgid)(id); }
CSIM_INTERPOSE int seteuid(uid_t id) noexcept { return NoteOther(), CSIM_REAL(seteuid)(id); }
CSIM_INTERPOSE int setegid(gid_t id) noexcept { return NoteOther(), CSIM_REAL(setegid)(id); }
CSIM_INTERPOSE int setreuid(uid_t real, uid_t effective) noexcept {
  return NoteOther(), CSIM_REAL(setreuid)(real, effective);
}
CSIM_INTERPOSE int setregid(gid_t real, gid_t effective) noexcept {
  return NoteOther(), CSIM_REAL(setregid)(real, effective);
}
CSIM_INTERPOSE int setresuid(uid_t real, uid_t effective, uid_t saved) noexcept {
  return NoteOther(), CSIM_REAL(setresuid)(real, effective, saved);
}
CSIM_INTERPOSE int setresgid(gid_t real, gid_t effective, gid_t saved) noexcept {
  return NoteOther(), CSIM_REAL(setresgid)(real, effective, saved);
}
CSIM_INTERPOSE int setgroups(size_t count, const gid_t* groups) noexcept {
  return NoteOther(), CSIM_REAL(setgroups)(count, groups);
}

CSIM_INTERPOSE int initgroups(const char* user, gid_t group) {
  return NoteOther(), CSIM_REAL(initgroups)(user, group);
}
CSIM_INTERPOSE int setfsuid(uid_t id) noexcept { return NoteOther(), CSIM_REAL(setfsuid)(id); }
CSIM_INTERPOSE int setfsgid(gid_t id) noexcept { return NoteOther(), CSIM_REAL(setfsgid)(id); }

CSIM_INTERPOSE int chroot(const char* path) noexcept {
  return NoteOther(), CSIM_REAL(chroot)(path);
}
CSIM_INTERPOSE int unshare(int flags) noexcept { return NoteOther(), CSIM_REAL(unshare)(flags); }
CSIM_INTERPOSE int setns(int fd, int type) noexcept {
  return NoteOther(), CSIM_REAL(setns)(fd, type);
}
CSIM_INTERPOSE int personality(unsigned long persona) noexcept {
  return NoteOther(), CSIM_REAL(personality)(persona);
}
CSIM_INTERPOSE int sigaltstack(const stack_t* stack, stack_t* old) noexcept {
  if (stack != nullptr) NoteOther();
  return CSIM_REAL(sigaltstack)(stack, old);
}
