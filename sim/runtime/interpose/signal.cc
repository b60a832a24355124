// Signals: dispositions, masks, sending, waiting; and process groups.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sim/runtime/delivery.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/signals.h"

using namespace csim;

namespace {

bool Valid(int signal) { return signal > 0 && signal < kSignals; }

int Error(int error) {
  errno = error;
  return -1;
}

int Answer(int error) { return error == 0 ? 0 : Error(error); }

SignalSet Blocked() { return g_runtime.machine().task(g_runtime.current()).blocked; }

int ChangeMask(int how, const sigset_t* set, sigset_t* old) {
  const SignalSet before = Blocked();
  if (set != nullptr) {
    const SignalSet change = ToSet(*set);
    switch (how) {
      case SIG_BLOCK: SetBlocked(before | change); break;
      case SIG_UNBLOCK: SetBlocked(before & ~change); break;
      case SIG_SETMASK: SetBlocked(change); break;
      default: return EINVAL;
    }
  }
  if (old != nullptr) *old = ToSigset(before);
  return 0;
}

// Before main: only what the kernel has to know of, and that never keeps ours from coming.
int ChangeRealMask(int how, const sigset_t* set, sigset_t* old) {
  sigset_t allowed{};
  if (set != nullptr) {
    allowed = *set;
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, kWatchdogSignal}) {
      if (how != SIG_UNBLOCK) sigdelset(&allowed, signal);
    }
  }
  return CSIM_REAL(pthread_sigmask)(how, set == nullptr ? nullptr : &allowed, old);
}

int Kill(pid_t pid, int signal, int value, int code) {
  if (signal < 0 || signal >= kSignals) return EINVAL;
  Machine& machine = g_runtime.machine();
  SignalOrder order;
  order.signal = static_cast<uint8_t>(signal);
  if (pid > 0) {
    const ProcessId process = machine.ProcessOf(static_cast<uint32_t>(pid));
    if (process == kNoProcess) return ESRCH;
    order.number = Index(process);
  } else if (pid == -1) {
    order.to = SignalOrder::kEverybody;
  } else {
    order.to = SignalOrder::kProcessGroup;
    order.number =
        pid == 0 ? machine.process(g_runtime.process).group : static_cast<uint32_t>(-pid);
  }
  const bool myself = pid == 0 || (pid > 0 && order.number == Index(g_runtime.process));
  if (machine.process_count() == 1 && myself) {
    // Nobody else is there; it is handled before this call returns.
    if (signal != 0 && !machine.HasOtherTasks(g_runtime.current())) RaiseSignal(signal);
    if (signal == 0 || !machine.HasOtherTasks(g_runtime.current())) return 0;
  }
  return SendSignal(order, value, code);
}

TaskId TaskOf(pthread_t thread) {
  const int slot = g_runtime.pool.Find(thread);
  return slot < 0 ? kNoTask : g_runtime.pool.slot(static_cast<uint32_t>(slot)).task;
}

// Waits for a signal of the set, or until the deadline; -1 and errno.
int WaitSignal(SignalSet set, uint64_t deadline) {
  Operation operation;
  operation.kind = OpKind::kSignalWait;
  operation.object = g_runtime.machine().OwnProcessObject(g_runtime.current());
  operation.argument = set;
  operation.deadline = deadline;
  const OpResult result = DoCancelable(operation);
  return result.error != 0 ? Error(result.error) : static_cast<int>(result.value);
}

// `suspends`: the signals that it waits for were blocked until now.
void Pause(bool suspends) {
  Operation operation;
  operation.kind = OpKind::kPause;
  operation.argument = suspends ? 1 : 0;
  operation.object = g_runtime.machine().OwnProcessObject(g_runtime.current());
  DoCancelable(operation);
}

void FillInfo(siginfo_t* info, int signal) {
  if (info == nullptr) return;
  const Shared::SignalSource& source =
      g_runtime.shared->signal_sources[Index(g_runtime.process)][signal];
  *info = {};
  info->si_signo = signal;
  info->si_code = source.code;
  info->si_pid = source.pid;
  info->si_value.sival_int = source.value;
}

}  // namespace

// ---- Dispositions ----

CSIM_INTERPOSE int sigaction(int signal, const struct sigaction* fresh,
                             struct sigaction* old) noexcept {
  if (g_runtime.mapping == nullptr) return CSIM_REAL(sigaction)(signal, fresh, old);
  if (!Valid(signal) || (fresh != nullptr && (signal == SIGKILL || signal == SIGSTOP))) {
    return Error(EINVAL);
  }
  const struct sigaction before = ActionOf(signal);
  if (fresh != nullptr) SetAction(signal, *fresh);
  if (old != nullptr) *old = before;
  return 0;
}

CSIM_INTERPOSE sighandler_t signal(int number, sighandler_t handler) noexcept {
  struct sigaction fresh{};
  struct sigaction old{};
  fresh.sa_handler = handler;
  fresh.sa_flags = SA_RESTART;
  return sigaction(number, &fresh, &old) == 0 ? old.sa_handler : SIG_ERR;
}

// ---- Masks ----

CSIM_INTERPOSE int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) noexcept {
  if (!g_runtime.Active()) return ChangeRealMask(how, set, old);
  return ChangeMask(how, set, old);
}

CSIM_INTERPOSE int sigprocmask(int how, const sigset_t* set, sigset_t* old) noexcept {
  return Answer(pthread_sigmask(how, set, old));
}

CSIM_INTERPOSE int sigpending(sigset_t* set) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sigpending)(set);
  const Machine& machine = g_runtime.machine();
  *set = ToSigset(machine.task(g_runtime.current()).signals |
                  machine.process(g_runtime.process).pending);
  return 0;
}

// ---- Sending ----

CSIM_INTERPOSE int raise(int signal) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(raise)(signal);
  if (!Valid(signal)) return signal == 0 ? 0 : Error(EINVAL);
  RaiseSignal(signal);
  return 0;
}

CSIM_INTERPOSE int kill(pid_t pid, int signal) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(kill)(pid, signal);
  return Answer(Kill(pid, signal, 0, SI_USER));
}

CSIM_INTERPOSE int killpg(pid_t group, int signal) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(killpg)(group, signal);
  if (group < 0) return Error(EINVAL);
  return Answer(Kill(group == 0 ? 0 : -group, signal, 0, SI_USER));
}

CSIM_INTERPOSE int sigqueue(pid_t pid, int signal, const union sigval value) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sigqueue)(pid, signal, value);
  return Answer(Kill(pid, signal, value.sival_int, SI_QUEUE));
}

CSIM_INTERPOSE int pthread_kill(pthread_t thread, int signal) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_kill)(thread, signal);
  if (signal < 0 || signal >= kSignals) return EINVAL;
  const TaskId task = TaskOf(thread);
  if (task == kNoTask) return ESRCH;
  if (signal == 0) return 0;
  if (task == g_runtime.current()) {
    RaiseSignal(signal);
    return 0;
  }
  return SendSignal({SignalOrder::kTask, static_cast<uint8_t>(signal), Index(task)}, 0);
}

CSIM_INTERPOSE int tgkill(pid_t pid, pid_t tid, int signal) {
  if (!g_runtime.Active()) return static_cast<int>(RawSyscall(SYS_tgkill, pid, tid, signal));
  const Machine& machine = g_runtime.machine();
  const uint32_t number = static_cast<uint32_t>(tid) - Machine::kFirstPid;
  if (!Valid(signal)) return Error(EINVAL);
  if (number >= machine.task_count()) return Error(ESRCH);
  return Answer(SendSignal({SignalOrder::kTask, static_cast<uint8_t>(signal), number}, 0));
}

// ---- Waiting ----

CSIM_INTERPOSE int pause() {
  if (!g_runtime.Active()) return CSIM_REAL(pause)();
  Pause(false);
  return Error(EINTR);
}

CSIM_INTERPOSE int sigsuspend(const sigset_t* mask) {
  if (!g_runtime.Active()) return CSIM_REAL(sigsuspend)(mask);
  const SignalSet before = BeginSuspension(ToSet(*mask));
  if (IsSuspended()) Pause(true);
  EndSuspension(before);
  return Error(EINTR);
}

CSIM_INTERPOSE int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  if (!g_runtime.Active()) return CSIM_REAL(sigwaitinfo)(set, info);
  const int signal = WaitSignal(ToSet(*set), kNoDeadline);
  if (signal > 0) FillInfo(info, signal);
  return signal;
}

CSIM_INTERPOSE int sigtimedwait(const sigset_t* set, siginfo_t* info, const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(sigtimedwait)(set, info, time);
  if (!ValidTime(time)) return Error(EINVAL);
  uint64_t deadline = kNoDeadline;
  if (time != nullptr) {
    deadline = g_runtime.machine().now() + static_cast<uint64_t>(time->tv_sec) * 1'000'000'000 +
               static_cast<uint64_t>(time->tv_nsec);
  }
  const int signal = WaitSignal(ToSet(*set), deadline);
  if (signal > 0) FillInfo(info, signal);
  return signal;
}

CSIM_INTERPOSE int sigwait(const sigset_t* set, int* signal) {
  if (!g_runtime.Active()) return CSIM_REAL(sigwait)(set, signal);
  for (;;) {
    const int found = WaitSignal(ToSet(*set), kNoDeadline);
    if (found > 0) {
      *signal = found;
      return 0;
    }
    if (errno != EINTR) return errno;
  }
}

// ---- Process groups and sessions ----

CSIM_INTERPOSE pid_t getpgid(pid_t pid) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(getpgid)(pid);
  const Machine& machine = g_runtime.machine();
  const ProcessId process =
      pid == 0 ? g_runtime.process : machine.ProcessOf(static_cast<uint32_t>(pid));
  if (process == kNoProcess) return Error(ESRCH);
  return static_cast<pid_t>(machine.process(process).group);
}

CSIM_INTERPOSE pid_t getpgrp() noexcept {
  return g_runtime.Active() ? getpgid(0) : CSIM_REAL(getpgrp)();
}

CSIM_INTERPOSE pid_t getsid(pid_t pid) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(getsid)(pid);
  const Machine& machine = g_runtime.machine();
  const ProcessId process =
      pid == 0 ? g_runtime.process : machine.ProcessOf(static_cast<uint32_t>(pid));
  if (process == kNoProcess) return Error(ESRCH);
  return static_cast<pid_t>(machine.process(process).session);
}

CSIM_INTERPOSE int setpgid(pid_t pid, pid_t group) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(setpgid)(pid, group);
  if (group < 0) return Error(EINVAL);
  const Machine& machine = g_runtime.machine();
  const ProcessId process =
      pid == 0 ? g_runtime.process : machine.ProcessOf(static_cast<uint32_t>(pid));
  if (process == kNoProcess) return Error(ESRCH);
  const ProcessState& state = machine.process(process);
  const bool mine = process == g_runtime.process || state.parent == g_runtime.process;
  if (!mine) return Error(ESRCH);
  if (state.session == machine.PidOf(process)) return Error(EPERM);
  SetPlace(process, group == 0 ? machine.PidOf(process) : static_cast<uint32_t>(group),
           state.session);
  return 0;
}

CSIM_INTERPOSE int setpgrp() noexcept {
  return g_runtime.Active() ? setpgid(0, 0) : CSIM_REAL(setpgrp)();
}

CSIM_INTERPOSE pid_t setsid() noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(setsid)();
  const Machine& machine = g_runtime.machine();
  const uint32_t pid = machine.PidOf(g_runtime.process);
  if (machine.process(g_runtime.process).group == pid) return Error(EPERM);
  SetPlace(g_runtime.process, pid, pid);
  return static_cast<pid_t>(pid);
}
