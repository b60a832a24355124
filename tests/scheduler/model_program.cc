#include "tests/scheduler/model_program.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "model/process_operations.h"
#include "scheduler/tasks.h"

namespace csim {
namespace {

uint64_t Hash(uint64_t seed, uint64_t value) {
  uint64_t x = (seed ^ value) * 0x9e3779b97f4a7c15u;
  return (x ^ x >> 31) + 0x1234567;
}

bool IsProcessOperation(OpKind kind) { return kind >= OpKind::kFork && kind <= OpKind::kPause; }

bool IsThreadOperation(OpKind kind) {
  return kind >= OpKind::kThreadCreate && kind <= OpKind::kThreadCancel;
}

}  // namespace

void PrintTo(const ModelProgram& program, std::ostream* os) {
  *os << (program.flat ? "flat" : "nested") << (program.options.timeouts_any ? "" : " virtual")
      << (program.options.spurious_wakeups ? " spurious" : "") << "\n";
  for (size_t i = 0; i < program.objects.size(); ++i) {
    const ModelObject& object = program.objects[i];
    *os << "  object " << i << " kind " << static_cast<int>(object.kind) << " type "
        << static_cast<int>(object.mutex_type) << " policy " << static_cast<int>(object.policy)
        << " count " << object.count << " limit " << object.limit << "\n";
  }
  for (size_t i = 0; i < program.tasks.size(); ++i) {
    *os << "  task " << i << ":";
    for (const ModelStep& step : program.tasks[i]) {
      *os << " " << RowOf(step.kind).name << "(" << step.object << "," << step.object2 << ","
          << step.argument << (step.deadline != kNoDeadline ? ",timed" : "")
          << (step.cancelable ? ",cancelable" : "");
      if (step.kind == OpKind::kSignalSetting) *os << "," << static_cast<int>(step.setting);
      if (step.kind == OpKind::kSignal) {
        const SignalOrder order = SignalOrder::Decode(step.argument);
        *os << ": signal " << int{order.signal} << " to " << order.number << " as "
            << static_cast<int>(order.to);
      }
      *os << ")";
      if (step.skip_if_failed != 0) *os << "?" << step.skip_if_failed;
      if (step.opens >= 0) *os << "+" << step.opens;
      if (step.skip_if_zero != 0) *os << "??" << step.skip_if_zero;
    }
    *os << "\n";
  }
}

void ModelRun::Begin() {
  machine.Reset(program_.options, nullptr);
  objects_.clear();
  for (const ModelObject& object : program_.objects) {
    ObjectId id = machine.AddObject(object.kind);
    objects_.push_back(id);
    ObjectState& state = machine.object(id);
    state.mutex_type = object.mutex_type;
    state.robust = object.robust;
    state.count = object.count;
    state.limit = object.limit;
    if (object.readers != 0 || object.writers != 0) {
      machine.ChangeEnds(kMainTask, id, static_cast<int32_t>(object.readers),
                         static_cast<int32_t>(object.writers));
    }
    if (object.kind == ObjectKind::kRwLock) machine.set_rw_policy(id, object.policy);
  }
  tasks_.assign(program_.tasks.size(), TaskRun{});
  tasks_[0].id = kMainTask;
  numbers_.assign(program_.tasks.size(), 0);
  memory_.assign(program_.objects.size(), 0);
  output_.clear();
  choices.clear();
  events.clear();
  preemptions = 0;
  current_ = kMainTask;
  step_ = 0;
  exited_ = yielded_ = timed_out_ = false;
  for (const std::vector<ModelStep>& steps : program_.tasks) {
    for (const ModelStep& step : steps) {
      if (IsProcessOperation(step.kind)) machine.Expose();
    }
  }
  if (program_.flat) StartFlat();
  Arrive(0);
}

void ModelRun::StartFlat() {
  for (size_t i = 1; i < tasks_.size(); ++i) {
    TaskId id = machine.AddTask(kMainTask);
    tasks_[i].id = id;
    SetNumber(id, static_cast<int>(i));
    machine.SetPending(kMainTask, {.kind = OpKind::kThreadCreate,
                                   .object = machine.task(id).thread_object,
                                   .argument = Index(id)});
    machine.Execute(kMainTask, kNormal);
    machine.Execute(id, kNormal);
    Arrive(static_cast<int>(i));
  }
}

// There may be more tasks than the program has: a fork that was interrupted arrives again, with another child.
void ModelRun::SetNumber(TaskId id, int number) {
  if (Index(id) >= numbers_.size()) numbers_.resize(Index(id) + 1);
  numbers_[Index(id)] = number;
}

// Of its own task and process.
Operation ModelRun::SettingOf(TaskId id, const ModelStep& step) {
  const SignalSet signal = SetOf(static_cast<int>(step.argument));
  SignalSetting setting{.blocked = machine.task(id).blocked};
  switch (step.setting) {
    case ModelSetting::kBlock: setting.blocked |= signal; break;
    case ModelSetting::kUnblock: setting.blocked &= ~signal; break;
    case ModelSetting::kHandle: setting.handled = setting.disposed = signal; break;
    case ModelSetting::kIgnore: setting.ignored = setting.disposed = signal; break;
    case ModelSetting::kOwnGroup:
      setting.process = machine.task(id).process;
      setting.group = setting.session = machine.PidOf(setting.process);
      break;
    case ModelSetting::kReaper: setting.reaper = SignalSetting::kReaper; break;
  }
  return machine.SettingOf(id, setting);
}

Operation ModelRun::ProcessOperationOf(int number, const ModelStep& step) {
  const TaskId id = tasks_[static_cast<size_t>(number)].id;
  const auto pid_of = [&](uint32_t other) {
    return machine.PidOf(machine.task(tasks_[other].id).process);
  };
  Operation operation{.kind = step.kind, .argument = step.argument, .deadline = step.deadline};
  operation.object = machine.OwnProcessObject(id);
  switch (step.kind) {
    case OpKind::kFork: {
      const TaskId child = machine.AddTask(id);
      tasks_[static_cast<size_t>(step.object)].id = child;
      SetNumber(child, step.object);
      return machine.ForkOf(id, machine.AddProcess(child));
    }
    case OpKind::kExit: return machine.ExitOf(id, static_cast<int>(step.argument));
    case OpKind::kParentProcess: return machine.ParentOf(id);
    case OpKind::kSignalSetting: return SettingOf(id, step);
    case OpKind::kSignal: {
      SignalOrder order = SignalOrder::Decode(step.argument);
      const TaskId to = tasks_[order.number].id;
      if (order.to == SignalOrder::kProcess) order.number = Index(machine.task(to).process);
      if (order.to == SignalOrder::kTask) order.number = Index(to);
      if (order.to == SignalOrder::kProcessGroup) order.number = pid_of(order.number);
      return machine.SignalOf(id, order);
    }
    case OpKind::kWaitProcess:
    case OpKind::kTryWaitProcess: {
      ProcessFilter filter = ProcessFilter::Decode(step.argument);
      filter.number = pid_of(filter.number);
      return WaitOf(machine, id, filter, step.kind == OpKind::kWaitProcess);
    }
    default: return operation;
  }
}

Operation ModelRun::OperationOf(int task, const ModelStep& step) {
  if (IsProcessOperation(step.kind)) return ProcessOperationOf(task, step);
  Operation operation{.kind = step.kind, .argument = step.argument, .deadline = step.deadline};
  if (step.kind == OpKind::kThreadCreate) {
    TaskId child = machine.AddTask(tasks_[static_cast<size_t>(task)].id);
    tasks_[static_cast<size_t>(step.object)].id = child;
    SetNumber(child, step.object);
    operation.argument = Index(child);
  }
  if (IsThreadOperation(step.kind)) {
    TaskId other = tasks_[static_cast<size_t>(step.object)].id;
    operation.object = machine.task(other).thread_object;
  } else if (step.object >= 0) {
    operation.object = objects_[static_cast<size_t>(step.object)];
  }
  if (step.object2 >= 0) operation.object2 = objects_[static_cast<size_t>(step.object2)];
  if (IsPoll(step.kind)) return PollOf(task, step);
  if (step.kind == OpKind::kSemAdjust) {
    std::vector<SemStep> steps;
    for (const ModelSemStep& sem : step.sem_steps) {
      steps.push_back({objects_[static_cast<size_t>(sem.object)], sem.step, sem.waits, sem.undo});
    }
    operation = machine.SemAdjustOf(steps);
    operation.deadline = step.deadline;
  }
  SetChannelParts(operation);
  return operation;
}

Operation ModelRun::PollOf(int number, const ModelStep& step) {
  std::vector<Interest> interests;
  std::vector<ObjectUse> shown;
  const TaskId id = tasks_[static_cast<size_t>(number)].id;
  if (step.kind == OpKind::kPollSignals) {
    interests.push_back(
        {.object = machine.OwnProcessObject(id), .signals = step.argument, .task = id});
  }
  int channel = 0;
  for (size_t i = 0; i < objects_.size() && step.kind != OpKind::kPollSignals; ++i) {
    if (program_.objects[i].readers == 0) continue;
    const auto what = static_cast<ModelPoll::For>(step.argument >> (1 + 4 * channel++) & 15);
    const bool any = step.argument <= ModelPoll::kWaits;
    const bool reads = any || what == ModelPoll::kRead || what == ModelPoll::kBoth;
    const bool writes = what == ModelPoll::kWrite || what == ModelPoll::kBoth;
    if (reads) interests.push_back({.object = objects_[i], .reads = true});
    if (writes) interests.push_back({.object = objects_[i], .writes = true});
    if (what == ModelPoll::kEnd) {
      interests.push_back({.object = objects_[i], .ends = true, .other = objects_[i]});
    }
    if (what == ModelPoll::kLook) {
      shown.push_back({objects_[i], Footprint::kRead, 1 << kReadingEnds});
    }
  }
  const bool waits = step.kind == OpKind::kPollSignals || (step.argument & ModelPoll::kWaits) != 0;
  Operation operation = machine.PollOf(interests, waits, false, shown);
  operation.deadline = step.deadline;
  return operation;
}

// What the program sees of a poll: what is ready, and whether anybody reads where it only looked.
void ModelRun::ShowPolled(const Operation& poll, uint64_t* seen) const {
  for (const Interest& interest : machine.InterestsOf(poll.argument)) {
    if (interest.signals == 0) *seen = Hash(*seen, IsReady(machine, interest) ? 1 : 0);
  }
  for (uint32_t i = 0; i < poll.use_count; ++i) {
    if (poll.uses[i].parts != 1 << kReadingEnds) continue;
    *seen = Hash(*seen, machine.object(poll.uses[i].object).readers == 0 ? 1 : 0);
  }
}

// The task ends, or its process does: first it abandons what it holds of robust mutexes, and takes back what it
// wants undone of semaphores. False if it does not end.
bool ModelRun::ArriveAtEnd(int number) {
  const TaskRun& task = tasks_[static_cast<size_t>(number)];
  const std::vector<ModelStep>& steps = program_.tasks[static_cast<size_t>(number)];
  const bool over = task.next >= steps.size();
  if (!over && steps[task.next].kind != OpKind::kExit) return false;
  for (const HeldLock& held : machine.task(task.id).held) {
    if (!machine.object(held.object).robust) continue;
    machine.SetPending(task.id, {.kind = OpKind::kMutexAbandon, .object = held.object});
    return true;
  }
  if (!over && !machine.MayHaveOtherTasks(task.id)) {
    std::vector<SemStep> undone;
    for (const SemUndo& undo : machine.undos()) {
      const bool mine = undo.process == machine.task(task.id).process;
      if (mine && undo.adjustment != 0) undone.push_back({undo.object});
    }
    if (!undone.empty()) {
      Operation undo = machine.SemAdjustOf(undone);
      undo.kind = OpKind::kSemUndo;
      machine.SetPending(task.id, undo);
      return true;
    }
  }
  if (over) machine.Finish(task.id);
  return over;
}

void ModelRun::Arrive(int number) {
  TaskRun& task = tasks_[static_cast<size_t>(number)];
  const std::vector<ModelStep>& steps = program_.tasks[static_cast<size_t>(number)];
  if (task.handled != 0) {
    machine.SetPending(task.id, SettingOf(task.id, {.kind = OpKind::kSignalSetting,
                                                    .argument = static_cast<uint64_t>(task.handled),
                                                    .setting = ModelSetting::kUnblock}));
    return;
  }
  if (ArriveAtEnd(number)) return;
  const ModelStep& step = steps[task.next];
  machine.SetPending(task.id, OperationOf(number, step));
  if (step.kind == OpKind::kAtomicCas) {
    machine.NoteFaced(task.id, memory_[static_cast<size_t>(step.object)]);
  }
  machine.task(task.id).cancelable = step.cancelable;
}

bool ModelRun::AnyEnabled() const {
  if (exited_) return false;
  for (TaskId id : machine.live_tasks()) {
    if (machine.EnabledOf(id).Any()) return true;
  }
  return false;
}

std::vector<Choice> ModelRun::Enabled() const {
  std::vector<Choice> enabled;
  if (exited_) return enabled;
  for (TaskId id : machine.live_tasks()) {
    Alternatives alternatives = machine.EnabledOf(id);
    for (uint32_t i = 0; i < alternatives.count; ++i)
      enabled.push_back({id, alternatives.first + i});
  }
  return enabled;
}

// The handler of a signal runs instead of the operation.
void ModelRun::Handle(int number, OpKind waited, const OpResult& result) {
  TaskRun& task = tasks_[static_cast<size_t>(number)];
  task.seen = Hash(task.seen, static_cast<uint64_t>(result.value));
  task.handled = static_cast<int>(result.value);
  const bool waits = waited == OpKind::kPause || waited == OpKind::kSignalWait;
  task.gives_up = waits && result.error == EINTR;
}

// The child goes on with a copy of what all tasks of its parent's process know.
void ModelRun::ForkMemory(int parent, int child) {
  const TaskId forker = tasks_[static_cast<size_t>(parent)].id;
  uint64_t& copy = tasks_[static_cast<size_t>(child)].seen;
  for (const TaskRun& task : tasks_) {
    if (task.id == kNoTask || task.id == tasks_[static_cast<size_t>(child)].id) continue;
    if (machine.task(task.id).process == machine.task(forker).process) copy = Hash(copy, task.seen);
  }
}

// What the operation does to the program's memory, and what the program sees of it.
OpResult ModelRun::Effect(int number, const Operation& operation, OpResult result) {
  TaskRun& task = tasks_[static_cast<size_t>(number)];
  const ModelStep& step = program_.tasks[static_cast<size_t>(number)][task.next];
  if (operation.kind >= OpKind::kAtomicLoad && operation.kind <= OpKind::kPlainWrite &&
      operation.kind != OpKind::kFence) {
    uint64_t& word = memory_[static_cast<size_t>(step.object)];
    uint64_t old = word;
    switch (operation.kind) {
      case OpKind::kAtomicStore:
      case OpKind::kPlainWrite: word = step.argument + task.read; break;
      case OpKind::kAtomicRmw: word = word * 3 + step.argument; break;
      case OpKind::kAtomicCas:
        if (word == step.argument) word = 7;
        break;
      default: break;
    }
    bool reads = operation.kind != OpKind::kAtomicStore && operation.kind != OpKind::kPlainWrite;
    if (reads) result.value = static_cast<int64_t>(task.read = old);
  }
  const bool waits =
      operation.kind == OpKind::kWaitProcess || operation.kind == OpKind::kTryWaitProcess;
  if ((waits || operation.kind == OpKind::kParentProcess) && result.error == 0) {
    const ProcessId found{static_cast<uint16_t>(result.value)};
    result.value = found == kNoProcess ? -1 : NumberOf(machine.process(found).main);
    if (waits) {
      const ProcessState& child = machine.process(found);
      result.value += (child.ended || child.stopped ? child.status : 0xffff) << 8;
    }
  }
  if (operation.kind == OpKind::kFork || operation.kind == OpKind::kForkThreaded) {
    ForkMemory(number, step.object);
  }
  if (IsPoll(operation.kind)) ShowPolled(operation, &task.seen);
  if (operation.kind == OpKind::kOutput) output_ += static_cast<char>('0' + number);
  if (operation.kind == OpKind::kProcessExit) exited_ = true;
  return result;
}

void ModelRun::Perform(Choice choice) {
  int number = NumberOf(choice.task);
  TaskRun& task = tasks_[static_cast<size_t>(number)];
  Operation& pending = machine.task(choice.task).pending;
  const ModelStep& step = program_.tasks[static_cast<size_t>(number)].size() > task.next
                              ? program_.tasks[static_cast<size_t>(number)][task.next]
                              : ModelStep{};
  bool current_enabled = machine.EnabledOf(current_).Any();
  if (choice.task != current_ && current_enabled && !yielded_) ++preemptions;
  if (step.object >= 0) {
    const bool queue = pending.kind == OpKind::kFutexWait;
    machine.NoteFound(choice.task,
                      memory_[static_cast<size_t>(queue ? step.object2 : step.object)]);
  }
  if (pending.kind == OpKind::kFutexWait) {
    pending.argument = memory_[static_cast<size_t>(step.object2)] == step.argument;
  }
  Operation operation = pending;
  bool local = IsLocal(machine.task(choice.task));
  OpResult result = machine.Execute(choice.task, choice.alternative);
  last_operation = operation;
  last_result = result;
  if (recording) {
    choices.push_back(choice);
    Operation as_done = operation;
    if (program_.failed_exchange_reads) {
      as_done.kind = KindAsDone(operation, machine.task(choice.task).found);
    }
    events.push_back({number, as_done, choice.alternative, local});
  }
  current_ = choice.task;
  yielded_ = IsYield(operation.kind);
  timed_out_ = choice.alternative == kTimeout && operation.deadline != kNoDeadline;
  ++step_;
  if (result.blocked || machine.task(choice.task).status == TaskStatus::kFinished) return;
  const bool handler_ends = task.handled != 0;
  if (result.interrupted) {
    Handle(number, operation.kind, result);
    return Arrive(number);
  }
  if (operation.kind == OpKind::kMutexAbandon || operation.kind == OpKind::kSemUndo) {
    return Arrive(number);
  }
  if (handler_ends) {
    task.handled = 0;
    if (!task.gives_up) return Arrive(number);
    result = {.error = EINTR};
  }
  if (operation.kind != OpKind::kThreadStart) {
    result = Effect(number, operation, result);
    task.seen = Hash(Hash(task.seen, static_cast<uint64_t>(result.error)),
                     static_cast<uint64_t>(result.value));
    if (step.opens >= 0) {
      machine.ChangeEnds(choice.task, objects_[static_cast<size_t>(step.opens)], 1, 1);
    }
    ++task.next;
    if (result.error != 0 && result.error != EOWNERDEAD)
      task.next += static_cast<size_t>(step.skip_if_failed);
    if (result.value == 0) task.next += static_cast<size_t>(step.skip_if_zero);
  }
  if (step.object >= 0) machine.NoteLeft(choice.task, memory_[static_cast<size_t>(step.object)]);
  if (!exited_) Arrive(number);
}

Outcome ModelRun::Run(Strategy& strategy, uint64_t max_steps) {
  Begin();
  strategy.BeginExecution();
  while (AnyEnabled()) {
    if (step_ >= max_steps) return Outcome::kCutSteps;
    Choice choice = strategy.Choose({machine, current_, step_});
    if (choice == kRedundant) return Outcome::kRedundant;
    if (choice.task == kNoTask) return Outcome::kDiverged;
    Perform(choice);
  }
  bool over = exited_ || machine.live_tasks().empty();
  return over ? Outcome::kCompleted : Outcome::kDeadlock;
}

void ModelRun::PutProcesses(std::string* text) const {
  for (const TaskRun& task : tasks_) {
    if (task.id == kNoTask || machine.process_of(task.id).main != task.id) continue;
    const ProcessState& p = machine.process_of(task.id);
    for (const uint64_t value :
         {uint64_t{p.ended}, uint64_t{p.reaped}, uint64_t{p.orphan}, uint64_t{p.neglected},
          uint64_t{p.stopped}, uint64_t{p.told_stop}, uint64_t{p.told_continue},
          static_cast<uint64_t>(p.status), uint64_t{p.group == machine.PidOf(p.id)}, p.pending,
          p.handled, p.ignored}) {
      *text += std::to_string(value) + ".";
    }
    *text += ";";
  }
}

std::string ModelRun::Result() const {
  std::string text = exited_ ? "exit;" : "";
  for (const TaskRun& task : tasks_) {
    if (exited_) break;  // where the others were then, nobody can tell
    text += std::to_string(task.next) + ":" + std::to_string(task.seen % 1000003);
    if (task.id != kNoTask) {
      const TaskState& state = machine.task(task.id);
      bool waits = state.status == TaskStatus::kPending;
      text += waits ? std::string("@") + RowOf(state.pending.kind).name : ".";
      text += "h" + std::to_string(state.held.size());
    }
    text += ";";
  }
  if (machine.process_count() > 1) PutProcesses(&text);
  for (uint64_t word : memory_) text += std::to_string(word) + ",";
  for (ObjectId id : objects_) {
    const ObjectState& object = machine.object(id);
    int owner = object.owner == kNoTask ? -1 : NumberOf(object.owner);
    text += " " + std::to_string(owner) + "/" + std::to_string(object.count) + "/" +
            std::to_string(object.waiters) + "/" + std::to_string(object.once_state) + "/" +
            std::to_string(object.readers) + "/" + std::to_string(object.writers) +
            (object.owner_died ? "died" : "") + (object.lost ? "lost" : "");
  }
  return text + " " + output_;
}

std::string ModelRun::Trace() const {
  // The clock of an event: for each task how many of its events come before it.
  size_t n = tasks_.size();
  std::vector<std::vector<int>> clocks;
  std::vector<int> counts(n, 0);
  std::vector<std::string> lines(n);
  std::vector<std::string> local(n);  // not yet followed by an operation that others can notice
  for (size_t i = 0; i < events.size(); ++i) {
    const ModelEvent& event = events[i];
    std::vector<int> clock(n, 0);
    for (size_t j = 0; j < i; ++j) {
      bool ordered =
          !events[j].local && !event.local && Dependent(events[j].operation, event.operation);
      if (!ordered && events[j].task != event.task) continue;
      for (size_t k = 0; k < n; ++k) clock[k] = std::max(clock[k], clocks[j][k]);
    }
    size_t task = static_cast<size_t>(event.task);
    clock[task] = ++counts[task];
    local[task] +=
        std::string(RowOf(event.operation.kind).name) + ":" + std::to_string(event.alternative);

    for (int c : clock) local[task] += "," + std::to_string(c);
    local[task] += " ";
    if (!event.local || !exited_) lines[task] += std::exchange(local[task], "");
    clocks.push_back(std::move(clock));
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace csim
