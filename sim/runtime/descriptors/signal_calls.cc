// signalfd: signals that wait, read as from a file. What a read or poll finds is the reader's: signals sent to its
// task or its process, wherever the descriptor was made.
#include <sys/signalfd.h>

#include <cerrno>
#include <cstring>

#include "sim/runtime/delivery.h"
#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

namespace {

// Takes one signal; 0: there is none (or none any more). Negative: errno.
long TakeSignal(const OpenFile& file, bool waits) {
  Operation operation;
  operation.kind = waits ? OpKind::kSignalWait : OpKind::kSignalTryWait;
  operation.object = g_runtime.machine().OwnProcessObject(g_runtime.current());
  operation.argument = All().signal_masks[file.detail];
  const OpResult result = DoCancelable(operation);
  if (result.error == EAGAIN) return 0;
  return result.error != 0 ? -result.error : static_cast<long>(result.value);
}

signalfd_siginfo InfoOf(int signal) {
  const Shared::SignalSource& source =
      g_runtime.shared->signal_sources[Index(g_runtime.process)][signal];
  signalfd_siginfo info{};
  info.ssi_signo = static_cast<uint32_t>(signal);
  info.ssi_code = source.code;
  info.ssi_pid = static_cast<uint32_t>(source.pid);
  info.ssi_int = source.value;
  info.ssi_ptr = static_cast<uint32_t>(source.value);
  return info;
}

}  // namespace

long SysSignalfd(int fd, const sigset_t* mask, int flags) {
  if ((flags & ~(SFD_NONBLOCK | SFD_CLOEXEC)) != 0) return -EINVAL;
  NoteReads(mask, sizeof mask->__val[0]);
  const SignalSet signals = ToSet(*mask) & ~(SetOf(SIGKILL) | SetOf(SIGSTOP));
  if (fd != -1) {
    const OpenFile* file = FileOf(fd);
    const bool open = file != nullptr || RawSyscall(SYS_fcntl, fd, 1 /* F_GETFD */, 0) >= 0;
    if (file == nullptr || file->kind != FileKind::kSignals) return open ? -EINVAL : -EBADF;
    All().signal_masks[file->detail] = signals;
    return fd;
  }
  OpenFile file;
  file.kind = FileKind::kSignals;
  file.reads = true;
  file.non_blocking = (flags & SFD_NONBLOCK) != 0;
  file.made_at = g_runtime.CallSite();
  file.detail = static_cast<uint32_t>(All().signal_masks.size());
  All().signal_masks.push_back(signals);
  return Install(file, (flags & SFD_CLOEXEC) != 0);
}

SignalSet SignalsIn(const OpenFile& file) {
  const Machine& machine = g_runtime.machine();
  const SignalSet waiting =
      machine.task(g_runtime.current()).signals | machine.process(g_runtime.process).pending;
  return waiting & All().signal_masks[file.detail];
}

long SignalRead(OpenFile file, void* buffer, size_t size) {
  const size_t most = size / sizeof(signalfd_siginfo);
  if (most == 0) return -EINVAL;
  size_t taken = 0;
  while (taken < most) {
    const long signal = TakeSignal(file, taken == 0 && !file.non_blocking);
    // (Other than sigwaitinfo, a read is one of those calls that go on.)
    if (signal == -EINTR && g_runtime.body(g_runtime.current()).restarted) continue;
    if (signal < 0) return signal;
    if (signal == 0) break;
    const signalfd_siginfo info = InfoOf(static_cast<int>(signal));
    char* const at = static_cast<char*>(buffer) + taken * sizeof info;
    NoteWrites(at, sizeof info);
    memcpy(at, &info, sizeof info);
    ++taken;
  }
  return taken == 0 ? -EAGAIN : static_cast<long>(taken * sizeof(signalfd_siginfo));
}

}  // namespace csim
