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
    case SYS_brk:
    case SYS_setrlimit:
    case SYS_prlimit64:
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

void KernelState::Restore() {
  if (directory_changed_ && RawSyscall(SYS_fchdir, directory_) == 0) directory_changed_ = false;
  if (!mask_changed_) return;
  RawSyscall(SYS_umask, mask_);
  mask_changed_ = false;
}

}  // namespace csim
