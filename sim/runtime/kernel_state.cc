#include "sim/runtime/kernel_state.h"

#include <fcntl.h>

#include "sim/runtime/hidden_files.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

void KernelState::Remember() {
  const long here = RawSyscall(SYS_openat, AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  directory_ = here < 0 ? -1 : HideDescriptor(static_cast<int>(here));
  mask_ = static_cast<mode_t>(RawSyscall(SYS_umask, 0));
  RawSyscall(SYS_umask, mask_);
  RawSyscall(SYS_sched_getattr, 0, scheduling_, sizeof scheduling_, 0);
  RawSyscall(SYS_sched_getaffinity, 0, sizeof cores_, cores_);
}

void KernelState::NoteScheduling() {
  if (!g_runtime.worker) return NoteOther();  // a process of its own is cheap enough
  scheduling_changed_ = true;
}

void KernelState::NoteOther() {
  other_changed_ = true;
  if (g_runtime.worker) g_runtime.execution().fresh_wanted = true;
}

void KernelState::NoteCall(long number) {
  switch (number) {
    case SYS_chdir:
    case SYS_fchdir: return NoteDirectory();
    case SYS_umask: return NoteMask();
    case SYS_mmap:
    case SYS_munmap:
    case SYS_mprotect:
    case SYS_mremap:
    case SYS_pkey_mprotect:
    case SYS_madvise:
    case SYS_brk:
    case SYS_setrlimit:
    case SYS_prlimit64:
    case SYS_setpriority:
    case SYS_ioprio_set:
    case SYS_sched_setscheduler:
    case SYS_sched_setparam:
    case SYS_sched_setattr:
    case SYS_sched_setaffinity:
    case SYS_set_mempolicy:
    case SYS_setuid:
    case SYS_setgid:
    case SYS_setreuid:
    case SYS_setregid:
    case SYS_setresuid:
    case SYS_setresgid:
    case SYS_setgroups:
    case SYS_setfsuid:
    case SYS_setfsgid:
    case SYS_capset:
    case SYS_chroot:
    case SYS_unshare:
    case SYS_setns:
    case SYS_personality:
    case SYS_sigaltstack:
    case SYS_prctl:
    case SYS_seccomp:
    case SYS_rt_sigaction:
    case SYS_rt_sigprocmask: return NoteOther();
    default: return;
  }
}

bool KernelState::RestoreScheduling(int tid) const {
  return RawSyscall(SYS_sched_setattr, tid, scheduling_, 0) == 0 &&
         RawSyscall(SYS_sched_setaffinity, tid, sizeof cores_, cores_) == 0;
}

bool KernelState::Restore() {
  if (directory_changed_ && RawSyscall(SYS_fchdir, directory_) == 0) directory_changed_ = false;
  if (mask_changed_) RawSyscall(SYS_umask, mask_);
  mask_changed_ = false;
  if (scheduling_changed_) {
    bool restored = RestoreScheduling(0);
    for (uint32_t i = 1; i < g_runtime.pool.size(); ++i) {
      const int tid = g_runtime.pool.slot(i).kernel.tid;
      // Those that were made before the worker was forked are no threads of its own.
      if (RawSyscall(SYS_tgkill, GetPid(), tid, 0) == 0) restored &= RestoreScheduling(tid);
    }
    scheduling_changed_ = !restored;
  }
  return plain();
}

}  // namespace csim
