// Processes: fork, exit, wait; and signals.
#include <cerrno>
#include <csignal>

#include "model/operations/common.h"
#include "model/operations/families.h"
#include "model/process_operations.h"

namespace csim {
namespace operations {

bool MayComeBefore(const Machine& m, const TaskState& task) {
  switch (task.pending.kind) {
    case OpKind::kPause: return task.pending.argument == 0;  // sigsuspend lets them in at once
    case OpKind::kWaitProcess:
    case OpKind::kSemWait:
    case OpKind::kSemTimedWait:
    case OpKind::kSemAdjust:
    case OpKind::kChannelRead:
    case OpKind::kChannelWrite: return !RowOf(task.pending.kind).enabled(m, task).Has(kNormal);
    case OpKind::kPoll:
    case OpKind::kPollMany:
    case OpKind::kPollSignals:
      return !Machine::Suspends(task.pending.argument) &&
             !RowOf(task.pending.kind).enabled(m, task).Has(kNormal);
    default: return false;
  }
}

namespace {

OpResult Fork(Machine& m, TaskState& task, uint32_t) {
  const TaskState& child = StartChild(m, task);
  m.StartProcess(m.process(child.process), m.process(task.process));
  return {};
}

OpResult Exit(Machine& m, TaskState& task, uint32_t) {
  ProcessState& process = m.process(task.process);
  Release(m, task, process.object);
  m.EndProcess(process, static_cast<int>(task.pending.argument));
  return {};
}

ProcessFilter FilterOf(const TaskState& task) {
  return ProcessFilter::Decode(task.pending.argument);
}

Alternatives WaitEnabled(const Machine& m, const TaskState& task) {
  bool any = false;
  const ProcessId child = m.FindChild(m.process(task.process), FilterOf(task), &any);
  return If(child != kNoProcess || !any);
}

OpResult Wait(Machine& m, TaskState& task, uint32_t) {
  bool any = false;
  const ProcessFilter filter = FilterOf(task);
  const ProcessId found = m.FindChild(m.process(task.process), filter, &any);
  if (found == kNoProcess) return Failed(any ? EAGAIN : ECHILD);
  ProcessState& child = m.process(found);
  if (child.ended || filter.executed) Acquire(m, task, child.object);
  if (child.ended) {
    child.reaped |= !filter.leave;
  } else if (!filter.leave) {
    child.told_stop = child.told_continue = false;
  }
  return {.value = static_cast<int64_t>(found)};
}

OpResult Parent(Machine& m, TaskState& task, uint32_t) {
  return {.value = static_cast<int64_t>(m.process(task.process).parent)};
}

// A process that is there: a zombie is too, though nothing comes of a signal to it.
OpResult Signal(Machine& m, TaskState& task, uint32_t) {
  const SignalOrder order = SignalOrder::Decode(task.pending.argument);
  const ProcessId own = task.process;
  m.NoteFound(task.id, task.pending.argument);
  Release(m, task, m.process(own).object);
  if (order.to == SignalOrder::kTask) {
    const TaskId to{static_cast<uint16_t>(order.number)};
    if (m.task(to).status == TaskStatus::kFinished) return Failed(ESRCH);
    m.Send(m.process(m.task(to).process), order.signal, to);
    return {};
  }
  bool found = false;
  for (uint32_t i = 0; i < m.process_count(); ++i) {
    ProcessState& process = m.process(ProcessId{static_cast<uint16_t>(i)});
    if (process.reaped || m.task(process.main).status == TaskStatus::kNew) continue;
    if (order.to == SignalOrder::kProcess && i != order.number) continue;
    if (order.to == SignalOrder::kProcessGroup && process.group != order.number) continue;
    if (order.to == SignalOrder::kEverybody && process.id == own) continue;
    found = true;
    m.Send(process, order.signal, kNoTask);
  }
  return found ? OpResult{} : Failed(ESRCH);
}

OpResult Setting(Machine& m, TaskState& task, uint32_t) {
  const SignalSetting setting = m.setting(task.pending.argument);
  ProcessState& process = m.process(task.process);
  task.blocked = setting.blocked & ~(SetOf(SIGKILL) | SetOf(SIGSTOP));
  process.handled = (process.handled & ~setting.disposed) | (setting.handled & setting.disposed);
  process.ignored = (process.ignored & ~setting.disposed) | (setting.ignored & setting.disposed);
  if ((setting.handled & SetOf(SIGCHLD)) != 0 && !process.handled_children) {
    process.handled_children = true;
    m.RenewReach();
  }
  if (setting.reaper != SignalSetting::kAsItIs) {
    process.reaper = setting.reaper == SignalSetting::kReaper;
    process.was_reaper |= process.reaper;
    m.RenewReach();
  }
  if (setting.process != kNoProcess) {
    m.process(setting.process).group = setting.group;
    m.process(setting.process).session = setting.session;
  }
  // What was waiting and is not blocked any more: as if it were sent now.
  const SignalSet freed = process.pending & ~task.blocked;
  process.pending &= ~freed;
  const SignalSet gone = task.signals & ~task.blocked & ~process.handled;
  task.signals &= ~gone;
  m.Disturb(task);
  for (int signal = 1; signal <= 64 && !process.ended; ++signal) {
    if (((freed | gone) & SetOf(signal)) != 0) m.Send(process, signal, task.id);
  }
  return {};
}

SignalSet Waiting(const Machine& m, const TaskState& task) {
  return (m.process(task.process).pending | task.signals) & task.pending.argument;
}

Alternatives SignalWaitEnabled(const Machine& m, const TaskState& task) {
  return IfOrTimeout(Waiting(m, task) != 0, task);
}

OpResult SignalWait(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) {
    m.AdvanceTo(task.pending.deadline);
    return Failed(EAGAIN);
  }
  const int signal = __builtin_ctzll(Waiting(m, task)) + 1;
  ProcessState& process = m.process(task.process);
  if ((task.signals & SetOf(signal)) != 0) {
    task.signals &= ~SetOf(signal);
  } else {
    process.pending &= ~SetOf(signal);
  }
  m.Disturb(task);
  return {.value = signal};
}

OpResult SignalTryWait(Machine& m, TaskState& task, uint32_t) {
  return Waiting(m, task) != 0 ? SignalWait(m, task, kNormal) : Failed(EAGAIN);
}

constexpr ObjectKind kProcess = ObjectKind::kProcess;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kRead = Footprint::kRead;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

Operation WaitOf(Machine& m, TaskId task, const ProcessFilter& filter, bool waits) {
  Operation operation{.kind = waits ? OpKind::kWaitProcess : OpKind::kTryWaitProcess,
                      .object = m.OwnProcessObject(task),
                      .argument = filter.Encode()};
  if (filter.which != ProcessFilter::kPid) return operation;
  for (uint32_t i = 1; i < m.process_count(); ++i) {
    const ProcessState& child = m.process(ProcessId{static_cast<uint16_t>(i)});
    if (m.PidOf(child.id) != filter.number || child.forker != m.task(task).process) continue;
    operation.object2 = operation.object;
    operation.object = child.object;
    break;
  }
  return operation;
}

// A fork only makes the new task's own operations possible. An exit changes what the parent (object2) and
// the children see of the process: whatever they do that looks at it has its object. A signal changes its
// process, and what the parent of that learns. Which tasks these end, stop or interrupt, or copy in the
// middle of something (kForkThreaded), says Operation::reach, and what of the ended others get. Objects are
// those of the process that forked this one, ended or not: they do not depend on when a task arrives.
//
// Of the parent's object an end of a child, or a signal to it, is a kRead: two of them come to the same in
// either order, since a wait for any child takes the oldest one that it finds. Such a wait is a kWrite, as are
// all operations that the end of a child can change; a wait for one child (object, then object2 is its own
// process) reads like those.
//
// Whose child a process becomes when its parent ends is a matter of all its ancestors if one of them is or was
// a reaper of orphans: ends below such a one, and becoming one, reach everybody (Machine::SetReach).
const OperationRow kProcessRows[12] = {
    {OpKind::kFork, "fork", kProcess, kLocal, kLocal, Always, Fork},
    {OpKind::kForkThreaded, "fork_threaded", kProcess, kWrite, kLocal, Always, Fork},
    {OpKind::kExit, "exit", kProcess, kWrite, kRead, Always, Exit},
    {OpKind::kExitThreaded, "exit_threaded", kProcess, kWrite, kRead, Always, Exit},
    {OpKind::kWaitProcess, "wait", kProcess, kWrite, kRead, WaitEnabled, Wait},
    {OpKind::kTryWaitProcess, "wait_nohang", kProcess, kWrite, kRead, Always, Wait},
    {OpKind::kParentProcess, "getppid", kProcess, kRead, kLocal, Always, Parent},
    {OpKind::kSignal, "kill", kProcess, kWrite, kRead, Always, Signal},
    {OpKind::kSignalSetting, "signal_setting", kProcess, kWrite, kRead, Always, Setting},
    {OpKind::kSignalWait, "sigwait", kProcess, kWrite, kLocal, SignalWaitEnabled, SignalWait},
    {OpKind::kSignalTryWait, "sigwait_nohang", kProcess, kWrite, kLocal, Always, SignalTryWait},
    {OpKind::kPause, "pause", kProcess, kWrite, kLocal, Never, NoEffect},
};

}  // namespace csim
