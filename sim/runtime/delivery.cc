#include "sim/runtime/delivery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/runtime/copy_back.h"
#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/locations.h"
#include "sim/runtime/program.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

struct sigaction g_actions[kSignals];  // what the program asked for; the kernel's are ours
struct sigaction g_saved_actions[kSignals];

bool HasHandler(const struct sigaction& action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

SignalSetting CurrentSetting() {
  const Machine& machine = g_runtime.machine();
  return {.blocked = machine.task(g_runtime.current()).blocked};
}

// A process may be killed between any two of its writes. What others can see of that lies in shared
// memory: what this one has written there becomes scheduling points, for the executions to come.
void MakeWritesRacy(ProcessId victim) {
  constexpr uintptr_t kMostBytes = 1 << 20;
  uintptr_t left = kMostBytes;
  g_runtime.shared_memory.ForEach([&](uintptr_t begin, uintptr_t end) {
    for (uintptr_t a = begin; a < end && left >= 8; a += 8, left -= 8) {
      bool wrote = false;
      g_runtime.detector().ForEachWriter(
          g_runtime.shadow.CellOf(a), GranuleOf(a),
          [&](TaskId writer) { wrote |= g_runtime.machine().task(writer).process == victim; });
      if (wrote) g_runtime.racy.Add(g_runtime.mapping, LocationOf(a));
    }
  });
}

// Processes that the last operation has ended give up what is theirs.
void ReleaseTheDead() {
  Machine& machine = g_runtime.machine();
  for (uint32_t i = 0; i < machine.process_count(); ++i) {
    ProcessBody& body = g_runtime.shared->processes[i];
    if (!machine.process(ProcessId{static_cast<uint16_t>(i)}).ended || body.released) continue;
    body.released = true;
    ReleaseDescriptors(i);
    MakeWritesRacy(ProcessId{static_cast<uint16_t>(i)});
  }
}

// Whether a process that ends so has crashed.
bool IsCrash(int signal) {
  switch (signal) {
    case SIGQUIT:
    case SIGILL:
    case SIGABRT:
    case SIGFPE:
    case SIGSEGV:
    case SIGBUS:
    case SIGSYS:
    case SIGTRAP: return true;
    default: return false;
  }
}

void Apply(const SignalSetting& setting) {
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  Perform(machine.SettingOf(self, setting));
  AfterSignals();
}

void Call(int signal, const struct sigaction& action) {
  if ((action.sa_flags & SA_SIGINFO) == 0) {
    action.sa_handler(signal);
    return;
  }
  const Shared::SignalSource& source =
      g_runtime.shared->signal_sources[Index(g_runtime.process)][signal];
  siginfo_t info{};
  info.si_signo = signal;
  info.si_code = source.code;
  info.si_pid = static_cast<pid_t>(source.pid);
  info.si_value.sival_int = source.value;
  alignas(16) static char no_context[1024];  // nothing that a correct handler may rely on
  action.sa_sigaction(signal, &info, no_context);
}

}  // namespace

void AfterSignals() {
  ReleaseTheDead();
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  const TaskState& task = machine.task(self);
  if (task.status == TaskStatus::kFinished) {
    const ProcessState& process = machine.process(task.process);
    if (process.id == kMainProcess) {
      g_runtime.execution().exit_code = 128 + (process.status & 0x7f);
    }
    g_runtime.detector().FinishTask(self);
    if (machine.live_tasks().empty()) {
      EndExecution(Outcome::kCompleted, g_runtime.execution().exit_code);
    }
    LeaveForNext(true);
  }
  // What came of it for this task is handled before the call returns.
  while (machine.Deliverable(machine.task(self)) != 0 ||
         machine.process(machine.task(self).process).stopped) {
    Do(OpKind::kYield, kNoObject);
  }
}

void AdoptAction(int signal, const struct sigaction& action) { g_actions[signal] = action; }

const struct sigaction& ActionOf(int signal) { return g_actions[signal]; }
void SaveActions() { memcpy(g_saved_actions, g_actions, sizeof g_actions); }
void RestoreActions() { CopyBack(g_actions, g_saved_actions, sizeof g_actions); }

void SetAction(int signal, const struct sigaction& action) {
  if (!g_runtime.Active()) {
    g_actions[signal] = action;
    return;
  }
  SignalSetting setting = CurrentSetting();
  setting.disposed = SetOf(signal);
  if (HasHandler(action)) setting.handled |= SetOf(signal);
  const bool reaped = signal == SIGCHLD && (action.sa_flags & SA_NOCLDWAIT) != 0;
  if (action.sa_handler == SIG_IGN || reaped) setting.ignored |= SetOf(signal);
  g_actions[signal] = action;
  TaskBody& body = g_runtime.body(g_runtime.current());
  const bool restarts = (action.sa_flags & SA_RESTART) != 0;
  body.handled = (body.handled & ~SetOf(signal)) | setting.handled;
  body.restarting = (body.restarting & ~SetOf(signal)) | (restarts ? setting.handled : 0);
  Apply(setting);
}

SignalSet SignalsFromOutside(OpKind kind) {
  const TaskBody& body = g_runtime.body(g_runtime.current());
  if (!g_runtime.config().io_faults || body.was_interrupted) return 0;
  const SignalSet open = body.handled & ~g_runtime.machine().task(g_runtime.current()).blocked;
  switch (kind) {
    case OpKind::kPoll:
    case OpKind::kPollMany:
    case OpKind::kPollSignals:
    case OpKind::kSemAdjust: return open;
    case OpKind::kChannelRead:
    case OpKind::kChannelWrite: return open & ~body.restarting;
    default: return 0;
  }
}

bool HandleFromOutside(int signal) {
  if (!HasHandler(g_actions[signal])) return false;  // not any more
  RunHandler(signal);
  return true;
}

void SetBlocked(SignalSet blocked) {
  SignalSetting setting = CurrentSetting();
  if (setting.blocked == blocked) return;
  setting.blocked = blocked;
  Apply(setting);
}

SignalSet BeginSuspension(SignalSet mask) {
  const TaskId self = g_runtime.current();
  const SignalSet before = g_runtime.machine().task(self).blocked;
  g_runtime.body(self).suspended = true;
  SetBlocked(mask);
  return before;
}

bool IsSuspended() { return g_runtime.body(g_runtime.current()).suspended; }

void EndSuspension(SignalSet before) {
  AfterSignals();
  g_runtime.body(g_runtime.current()).suspended = false;
  SetBlocked(before);
}

void SetPlace(ProcessId process, uint32_t group, uint32_t session) {
  SignalSetting setting = CurrentSetting();
  setting.process = process;
  setting.group = group;
  setting.session = session;
  Apply(setting);
}

void SetReaper(bool reaper) {
  SignalSetting setting = CurrentSetting();
  setting.reaper = reaper ? SignalSetting::kReaper : SignalSetting::kNoReaper;
  Apply(setting);
}

void RunHandler(int signal) {
  const TaskId self = g_runtime.current();
  TaskBody& body = g_runtime.body(self);
  g_runtime.spins.OnEffect();
  const struct sigaction action = g_actions[signal];
  const SignalSet own = (action.sa_flags & SA_NODEFER) != 0 ? 0 : SetOf(signal);
  const SignalSet now = g_runtime.machine().task(self).blocked;
  const SignalSet before = now & ~SetOf(signal);
  if ((action.sa_flags & SA_RESETHAND) != 0) {
    g_actions[signal] = {};
    SignalSetting setting = CurrentSetting();
    setting.disposed = SetOf(signal);
    setting.blocked = before | own | ToSet(action.sa_mask);
    Apply(setting);
  } else {
    SetBlocked(before | own | ToSet(action.sa_mask));
  }
  csim_context* const context = csim_state_v1.context;
  const csim_site* const call_site = csim_state_v1.call_site;
  const int saved_errno = errno;
  body.suspended = false;
  ++body.handlers;
  Call(signal, action);
  --body.handlers;
  errno = saved_errno;
  csim_state_v1.context = context;
  csim_state_v1.call_site = call_site;
  g_runtime.spins.OnEffect();
  SetBlocked(before);
}

bool GivesUpAfter(OpKind kind, int signal) {
  switch (kind) {
    case OpKind::kSleep:
    case OpKind::kPause:
    case OpKind::kSignalWait:
    case OpKind::kPoll:
    case OpKind::kPollMany:
    case OpKind::kPollSignals:
    case OpKind::kSemAdjust: return true;
    case OpKind::kSemWait:
    case OpKind::kSemTimedWait:
    case OpKind::kWaitProcess:
    case OpKind::kFutexBlocked:
    case OpKind::kChannelRead:
    case OpKind::kChannelWrite: return (g_actions[signal].sa_flags & SA_RESTART) == 0;
    default: return false;
  }
}

int SendSignal(const SignalOrder& order, int value, int code) {
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  for (uint32_t i = 0; i < machine.process_count() && order.signal != 0; ++i) {
    const ProcessState& process = machine.process(ProcessId{static_cast<uint16_t>(i)});
    const bool hit = order.to != SignalOrder::kProcess || order.number == i;
    if (!hit || process.ended) continue;
    g_runtime.shared->signal_sources[i][order.signal] = {
        static_cast<int>(machine.PidOf(g_runtime.process)), value, code};
  }
  const OpResult result = Perform(machine.SignalOf(self, order));
  AfterSignals();
  return result.error;
}

void RaiseSignal(int signal) {
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  const struct sigaction& action = g_actions[signal];
  const bool blocked = (machine.task(self).blocked & SetOf(signal)) != 0;
  const bool stops =
      signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
  if (blocked || stops || signal == SIGKILL) {
    if (!(signal == SIGKILL && machine.process_count() == 1)) {
      SendSignal({SignalOrder::kTask, static_cast<uint8_t>(signal), Index(self)}, 0);
      return;
    }
  } else if (HasHandler(action)) {
    RunHandler(signal);
    return;
  } else if (action.sa_handler == SIG_IGN) {
    return;
  }
  if (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT) return;
  char text[64];
  snprintf(text, sizeof text, "killed by signal %d (%s)", signal, sigabbrev_np(signal));
  if (machine.process_count() == 1 || IsCrash(signal) || g_runtime.process == kMainProcess) {
    ReportCrash(signal, 0, 0, text);
  }
  EndProcess(signal);
}

void CheckAsyncSafe(const char* function) {
  TaskBody& body = g_runtime.body(g_runtime.current());
  static uint64_t told_in = 0;  // one is enough for an execution
  if (body.handlers == 0 || told_in == g_runtime.execution().number) return;
  told_in = g_runtime.execution().number;
  char text[128];
  snprintf(text, sizeof text, "%s called in a signal handler: it is not async-signal-safe",
           function);
  uint64_t name = 0;
  for (const char* c = function; *c != 0; ++c) name = name * 31 + static_cast<unsigned char>(*c);
  ReportMisuseText(text, name);
}

}  // namespace csim
