// Processes and signals of the machine.
#include <cerrno>
#include <csignal>

#include "model/check.h"
#include "model/machine.h"
#include "model/operations/common.h"

namespace csim {
namespace {

constexpr SignalSet kIgnoredByDefault =
    SetOf(SIGCHLD) | SetOf(SIGURG) | SetOf(SIGWINCH) | SetOf(SIGCONT);
constexpr SignalSet kStopping = SetOf(SIGSTOP) | SetOf(SIGTSTP) | SetOf(SIGTTIN) | SetOf(SIGTTOU);
constexpr SignalSet kNotToBeCaught = SetOf(SIGKILL) | SetOf(SIGSTOP);

// What waitpid says of a process that was killed.
int StatusOfKilled(int signal) {
  constexpr SignalSet kDumps = SetOf(SIGQUIT) | SetOf(SIGILL) | SetOf(SIGABRT) | SetOf(SIGFPE) |
                               SetOf(SIGSEGV) | SetOf(SIGBUS) | SetOf(SIGSYS) | SetOf(SIGTRAP) |
                               SetOf(SIGXCPU) | SetOf(SIGXFSZ);
  constexpr int kDumped = 0x80;
  return signal | ((kDumps & SetOf(signal)) != 0 ? kDumped : 0);
}

// Waits that keep their place in a queue while a handler runs: the handler runs when they are over.
bool KeepsItsPlace(OpKind kind) {
  switch (kind) {
    case OpKind::kBarrierBlocked:
    case OpKind::kReadBlocked:
    case OpKind::kWriteBlocked:
    case OpKind::kCondRelock:
    case OpKind::kThreadStart:
    case OpKind::kSignalSetting:
    case OpKind::kExit:
    case OpKind::kExitThreaded: return true;
    default: return false;
  }
}

}  // namespace

ObjectId Machine::OwnProcessObject(TaskId id) {
  ProcessState& own = process_of(id);
  if (own.object == kNoObject) {  // that of the first process
    own.object = AddObject(ObjectKind::kProcess);
    object(own.object).owner = kMainTask;
    object(own.object).name = 3;
  }
  return own.object;
}

ProcessId Machine::AddProcess(TaskId main) {
  OwnProcessObject(kMainTask);
  const ProcessId id{static_cast<uint16_t>(processes_.size())};
  const ProcessId parent = task(main).process;
  ProcessState& state = processes_.emplace_back();
  state.id = id;
  state.parent = state.forker = parent;
  state.main = main;
  state.object = AddObject(ObjectKind::kProcess);
  ObjectState& object = this->object(state.object);
  object.owner = main;
  object.name = (task(main).name * 0x9e3779b97f4a7c15u & ~(uint64_t{1} << 63)) | 1;
  task(main).process = id;
  Expose();
  return id;
}

ProcessId Machine::ProcessOf(uint32_t pid) const {
  for (const ProcessState& p : processes_) {
    if (!p.reaped && PidOf(p.id) == pid) return p.id;
  }
  return kNoProcess;
}

bool Machine::HasOtherTasks(TaskId id) const {
  for (TaskId other : live_) {
    if (other != id && task(other).process == task(id).process) return true;
  }
  return false;
}

bool Machine::MayHaveOtherTasks(TaskId id) const {
  for (uint32_t i = 0; i < task_count(); ++i) {
    const TaskState& other = task(TaskId{static_cast<uint16_t>(i)});
    if (other.id == id || other.process != task(id).process || other.joined) continue;
    if (other.status != TaskStatus::kNew) return true;
  }
  return false;
}

Operation Machine::ForkOf(TaskId id, ProcessId child) const {
  return {.kind = MayHaveOtherTasks(id) ? OpKind::kForkThreaded : OpKind::kFork,
          .object = process(child).object,
          .argument = Index(process(child).main)};
}

Operation Machine::ExitOf(TaskId id, int status) {
  return {.kind = MayHaveOtherTasks(id) ? OpKind::kExitThreaded : OpKind::kExit,
          .object = OwnProcessObject(id),
          .object2 = ForkerOf(process_of(id)),
          .argument = static_cast<uint64_t>(status)};
}

Operation Machine::ParentOf(TaskId id) {
  const ObjectId forker = ForkerOf(process_of(id));
  return {.kind = OpKind::kParentProcess,
          .object = forker == kNoObject ? OwnProcessObject(id) : forker};
}

Operation Machine::SignalOf(TaskId id, const SignalOrder& order) {
  Operation operation{.kind = OpKind::kSignal, .argument = order.Encode()};
  if (!exposed_) Expose();
  const ObjectId own = OwnProcessObject(id);
  if (order.to == SignalOrder::kProcess || order.to == SignalOrder::kTask) {
    const ProcessState& target = order.to == SignalOrder::kProcess
                                     ? process(ProcessId{static_cast<uint16_t>(order.number)})
                                     : process_of(TaskId{static_cast<uint16_t>(order.number)});
    operation.object = target.object;
    operation.object2 = ForkerOf(target);
  } else {
    operation.object = own;
  }
  return operation;
}

Operation Machine::SettingOf(TaskId id, const SignalSetting& setting) {
  Operation operation{.kind = OpKind::kSignalSetting,
                      .object = OwnProcessObject(id),
                      .argument = AddSetting(setting)};
  if (setting.process == task(id).process) operation.object2 = ForkerOf(process_of(id));
  return operation;
}

ObjectId Machine::ForkerOf(const ProcessState& state) const {
  return state.forker == kNoProcess ? kNoObject : process(state.forker).object;
}

void Machine::Expose() {
  exposed_ = true;
  for (TaskId id : live_) {
    task(id).exposed = true;
    if (task(id).status == TaskStatus::kPending) SetReach(task(id));
  }
}

// An exit reaches the other threads; a signal all of its process, and of whoever gets a SIGCHLD for that.
void Machine::SetReach(TaskState& state) const {
  // (Once it has had a handler: an exit that moves to an earlier place may reach less than it is taken for,
  // but none reaches more.)
  const auto handles_child = [&](ProcessId id) {
    return id != kNoProcess && process(id).handled_children;
  };
  const auto number = [](ProcessId id) { return static_cast<uint16_t>(Index(id)); };
  const auto outlives = [&](ObjectId id) {
    if (id == kNoObject) return false;
    const ObjectKind kind = object(id).kind;
    return object(id).robust || kind == ObjectKind::kFileLock ||
           (kind >= ObjectKind::kPipe && kind <= ObjectKind::kAddress);
  };
  Operation& operation = state.pending;
  Reach reach;
  reach.process = number(state.process);
  reach.inherits = outlives(operation.object) || outlives(operation.object2);
  for (uint32_t i = 0; i < operation.use_count; ++i) {
    reach.inherits |= outlives(operation.uses[i].object);
  }
  switch (operation.kind) {
    case OpKind::kForkThreaded: reach.first = reach.process; break;
    case OpKind::kExit:
    case OpKind::kExitThreaded: {
      const ProcessId forker = process(state.process).forker;
      if (operation.kind == OpKind::kExitThreaded) {
        reach.first = reach.process;
        reach.ends = true;
      }
      if (handles_child(forker)) {
        (reach.first == Reach::kNobody ? reach.first : reach.second) = number(forker);
      }
      if (BelowReaper(state.process)) reach.first = Reach::kEverybody;
      break;
    }
    case OpKind::kSignal: {
      const SignalOrder order = SignalOrder::Decode(operation.argument);
      reach.ends = true;
      reach.first = Reach::kEverybody;
      ProcessId target = kNoProcess;
      if (order.to == SignalOrder::kProcess)
        target = ProcessId{static_cast<uint16_t>(order.number)};
      if (order.to == SignalOrder::kTask) {
        target = task(TaskId{static_cast<uint16_t>(order.number)}).process;
      }
      if (target == kNoProcess) break;
      reach.first = number(target);
      const ProcessId forker = process(target).forker;
      if (handles_child(forker)) reach.second = number(forker);
      if (BelowReaper(target)) reach.first = Reach::kEverybody;
      break;
    }
    case OpKind::kSignalSetting:
      if (setting(operation.argument).reaper != SignalSetting::kAsItIs) {
        reach.first = Reach::kEverybody;
      }
      break;
    default: break;
  }
  operation.reach = reach;
}

void Machine::RenewReach() {
  for (TaskId id : live_) {
    TaskState& state = task(id);
    if (state.status == TaskStatus::kPending) SetReach(state);
  }
}

uint64_t Machine::AddSetting(const SignalSetting& setting) {
  if (!exposed_) Expose();
  own_settings_.push_back(setting);
  return own_settings_.size() - 1;
}

void Machine::StartProcess(ProcessState& process, const ProcessState& parent) {
  process.group = parent.group;
  process.session = parent.session;
  process.handled = parent.handled;
  process.ignored = parent.ignored;
  process.handled_children = parent.handled_children;
}

void Machine::EndTasks(ProcessState& process, TaskId except) {
  for (size_t i = live_.size(); i-- > 0;) {
    TaskState& state = task(live_[i]);
    // A process that one of its tasks is about to fork will not be.
    const bool unborn = state.status == TaskStatus::kNew && state.parent != kNoTask &&
                        task(state.parent).process == process.id;
    if (unborn) this->process(state.process).ended = this->process(state.process).reaped = true;
    if ((state.process != process.id && !unborn) || state.id == except) continue;
    if (state.status == TaskStatus::kPending) {
      if (state.pending.object != kNoObject) RemoveWaiter(object(state.pending.object), state.id);
      state.killed = state.id != executing_;
    }
    for (size_t h = state.held.size(); h-- > 0;) AbandonRobust(state, state.held[h].object);
    // Who learns that the process has ended knows what its tasks have done.
    if (listener_ != nullptr && !unborn) listener_->Release(state.id, process.object);
    EndTask(state);
  }
}

void Machine::ReplaceProgram(TaskState& task) {
  ProcessState& process = this->process(task.process);
  EndTasks(process, task.id);
  for (size_t h = task.held.size(); h-- > 0;) AbandonRobust(task, task.held[h].object);
  ++process.executed;
  process.handled = 0;
  NoteChange(process.object);
}

void Machine::EndProcess(ProcessState& process, int status) {
  process.ended = true;
  process.stopped = false;
  process.status = status;
  UndoAll(process);
  EndTasks(process, kNoTask);
  NoteChange(process.object);
  const ProcessId reaper = ReaperFor(process);
  for (ProcessState& child : processes_) {
    if (child.parent != process.id) continue;
    child.parent = reaper;
    if (reaper != kNoProcess) {
      if (child.ended && !child.reaped) TellParent(child);
    } else if (child.ended) {
      child.neglected |= !child.reaped;
      child.reaped = true;  // by whoever takes care of orphans
    } else {
      child.orphan = true;
    }
  }
  if (process.parent != kNoProcess) TellParent(process);
}

void Machine::UndoAll(const ProcessState& process) {
  for (SemUndo& undo : undos_) {
    if (undo.process != process.id || undo.adjustment == 0) continue;
    Undo(undo);
    for (TaskId id : live_) {
      const bool known = listener_ != nullptr && task(id).process == process.id;
      if (known) listener_->Release(id, undo.object);
    }
  }
}

void Machine::TellParent(ProcessState& process) {
  ProcessState& parent = this->process(process.parent);
  NoteChange(parent.object);
  if ((parent.ignored & SetOf(SIGCHLD)) != 0) process.reaped = true;
  Send(parent, SIGCHLD, kNoTask);
}

ProcessId Machine::ReaperFor(const ProcessState& process) const {
  ProcessId id = process.parent;
  while (id != kNoProcess && !this->process(id).reaper) id = this->process(id).parent;
  return id;
}

bool Machine::BelowReaper(ProcessId id) const {
  while (id != kNoProcess && !process(id).was_reaper) id = process(id).forker;
  return id != kNoProcess;
}

void Machine::AbandonRobust(TaskState& state, ObjectId mutex) {
  if (!object(mutex).robust || object(mutex).owner != state.id) return;
  object(mutex).owner = kNoTask;
  object(mutex).count = 0;
  object(mutex).owner_died = true;
  ++object(mutex).changes;
  ++held_version_;
  if (listener_ != nullptr) listener_->Release(state.id, mutex);
  std::erase_if(state.held, [&](const HeldLock& held) { return held.object == mutex; });
}

void Machine::Stop(ProcessState& process, int signal) {
  if (process.stopped) return;
  process.stopped = process.told_stop = was_stopped_ = true;
  process.told_continue = false;
  process.status = signal << 8 | 0x7f;
  for (TaskId id : live_) {
    if (task(id).process == process.id) task(id).disturbed = true;
  }
  if (process.parent != kNoProcess) Send(this->process(process.parent), SIGCHLD, kNoTask);
}

void Machine::Continue(ProcessState& process) {
  if (!process.stopped) return;
  process.stopped = process.told_stop = false;
  process.told_continue = true;
  for (TaskId id : live_) {
    if (task(id).process == process.id) Disturb(task(id));
  }
  if (process.parent != kNoProcess) Send(this->process(process.parent), SIGCHLD, kNoTask);
}

void Machine::Disturb(TaskState& state) {
  state.disturbed = Deliverable(state) != 0 || process(state.process).stopped;
}

void Machine::Send(ProcessState& process, int signal, TaskId only) {
  if (process.ended || signal == 0) return;
  const SignalSet bit = SetOf(signal);
  if (signal == SIGCONT) Continue(process);
  // What is ignored waits all the same while it is blocked: by the main thread, say Linux and we. (There, if
  // another one does not block it, that one drops it; which would depend on how far that one has come.)
  const bool handled = (process.handled & bit & ~kNotToBeCaught) != 0;
  const bool ignored =
      !handled && (((process.ignored & ~kNotToBeCaught) | kIgnoredByDefault) & bit) != 0;
  if (ignored) {
    const bool kept = (task(only == kNoTask ? process.main : only).blocked & bit) != 0;
    if (!kept || (process.ignored & bit) != 0) return;
    (only == kNoTask ? process.pending : task(only).signals) |= bit;
    if (process.object != kNoObject) NoteChange(process.object);
    return;
  }
  TaskId taker = only;
  for (TaskId id : live_) {
    if (taker != kNoTask) break;
    const bool there = task(id).process == process.id && task(id).status != TaskStatus::kNew;
    if (there && (task(id).blocked & bit) == 0) taker = id;
  }
  const bool blocked =
      (bit & kNotToBeCaught) == 0 && (taker == kNoTask || (task(taker).blocked & bit) != 0);
  if (blocked || handled) {
    if (taker == kNoTask) {
      process.pending |= bit;
    } else {
      task(taker).signals |= bit;
      Disturb(task(taker));
    }
    if (process.object != kNoObject) NoteChange(process.object);
  } else if ((bit & kStopping) != 0) {
    Stop(process, signal);
  } else {
    EndProcess(process, StatusOfKilled(signal));
  }
}

ProcessId Machine::FindChild(const ProcessState& parent, const ProcessFilter& filter,
                             bool* any) const {
  *any = false;
  for (const ProcessState& child : processes_) {
    if (child.parent != parent.id || child.reaped || child.id == parent.id) continue;
    if (task(child.main).status == TaskStatus::kNew) continue;  // not forked yet
    if (filter.which == ProcessFilter::kPid && PidOf(child.id) != filter.number) continue;
    if (filter.which == ProcessFilter::kGroup && child.group != filter.number) continue;
    *any = true;
    if ((filter.ended && child.ended) || (filter.executed && child.executed != 0) ||
        (!child.ended &&
         ((filter.stopped && child.told_stop) || (filter.continued && child.told_continue)))) {
      return child.id;
    }
  }
  return kNoProcess;
}

bool Machine::Interruptible(const TaskState& state) const {
  return Deliverable(state) != 0 && !KeepsItsPlace(state.pending.kind);
}

// The handler runs, with its signal blocked; then the task arrives anew with what it wanted to do, or
// gives up with EINTR: the runtime knows which.
OpResult Machine::Interrupt(TaskState& state) {
  const ObjectId waits_on = state.pending.object;
  const bool waited = !RowOf(state.pending.kind).enabled(*this, state).Has(kNormal);
  state.cancelable = false;
  if (waits_on != kNoObject) RemoveWaiter(object(waits_on), state.id);
  const int signal = __builtin_ctzll(Deliverable(state)) + 1;
  state.signals &= ~SetOf(signal);
  state.blocked |= SetOf(signal);
  Disturb(state);
  return {.error = waited ? EINTR : 0, .value = signal, .interrupted = true};
}

}  // namespace csim
