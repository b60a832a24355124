#include "scheduler/dpor.h"

#include <algorithm>

#include "model/operations/common.h"
#include "scheduler/tasks.h"

namespace csim {

using dpor::Step;
using dpor::WakeupTrees;

namespace {

// Whether an operation can be done, and how, is the same wherever it stands.
bool AlwaysTheSame(const Operation& operation, bool cancelable) {
  return RowOf(operation.kind).enabled == &operations::Always && !cancelable;
}

// In virtual time an operation times out when nobody else can go on: whatever others do matters.
bool EndsByTime(const MachineOptions& options, const Operation& operation, uint32_t alternative) {
  if (options.timeouts_any || operation.deadline == kNoDeadline) return false;
  return alternative == kTimeout || operation.kind == OpKind::kSleep;
}

bool MayWake(OpKind kind) {
  return kind == OpKind::kThreadCreate || kind == OpKind::kThreadCancel ||
         kind == OpKind::kCondSignal || kind == OpKind::kCondBroadcast ||
         kind == OpKind::kBarrierWait;
}

bool LooksForEnd(OpKind kind) {
  return kind == OpKind::kThreadTimedJoin || kind == OpKind::kThreadTryJoin;
}

}  // namespace

DporStrategy::DporStrategy(std::pmr::memory_resource* memory)
    : memory_(memory),
      names_(memory),
      replica_(memory),
      trees_(memory),
      path_(memory),
      performed_(memory),
      last_event_(memory),
      woken_by_(memory),
      wakings_(memory),
      sequence_(memory),
      attempt_(memory),
      kept_(memory),
      needs_(memory) {}

void DporStrategy::BeginExecution() {
  names_.BeginExecution();
  length_ = 0;
  last_event_.clear();
  woken_by_.clear();
  wakings_.clear();
  machine_ = nullptr;
  turns_ = {};
  redundant_ = false;
}

void DporStrategy::Restart() {
  trees_.Clear();
  path_.clear();
  performed_.clear();
  prefix_ = 0;
  reopened_ = false;
  below_ = WakeupTrees::kEmpty;
  exhausted_ = bounded_ = broken_ = false;
  BeginExecution();
}

// ---- Choosing ----

Choice DporStrategy::Choose(const SchedulingPoint& point) {
  const Machine& machine = point.machine;
  machine_ = &machine;
  names_.See(machine);
  last_event_.resize(machine.task_count(), kNone);
  woken_by_.resize(machine.task_count(), kNone);
  if (length_ != 0) LearnEffects(machine);
  Choice choice;
  if (length_ < prefix_) {
    const dpor::Performed& event = performed_[length_];
    choice = {event.task, event.alternative};
    const bool follows = Index(choice.task) < machine.task_count() &&
                         machine.EnabledOf(choice.task).Has(choice.alternative) &&
                         machine.task(choice.task).pending.kind == event.operation.kind;
    if (!follows) {
      broken_ = true;
      return {};
    }
    woken_by_[Index(choice.task)] = kNone;
  } else {
    OpenPoint();
    choice = FollowTree(machine);
    if (choice.task == kNoTask) choice = ChooseFreely(point);
    if (choice.task == kNoTask) {
      redundant_ = choice == kRedundant;
      return choice;
    }
    Extend(machine, choice);
  }
  turns_.Note(point, choice);
  last_event_[Index(choice.task)] = length_++;
  return choice;
}

// What only the state after an event tells of it.
void DporStrategy::LearnEffects(const Machine& machine) {
  dpor::Performed& event = performed_[length_ - 1];
  const OpKind kind = event.operation.kind;
  if (kind == OpKind::kFutexWait) {
    const TaskState& task = machine.task(event.task);
    const bool waits =
        task.status == TaskStatus::kPending && task.pending.kind == OpKind::kFutexBlocked;
    event.operation.argument = waits ? 1 : 0;
  }
  if (!MayWake(kind)) return;
  for (TaskId id : machine.live_tasks()) {
    const TaskState& task = machine.task(id);
    if (task.status != TaskStatus::kPending || woken_by_[Index(id)] != kNone) continue;
    const uint32_t last = last_event_[Index(id)];
    const OpKind now = task.pending.kind;
    bool woken = false;
    if (now == OpKind::kThreadStart) woken = last == kNone;
    if (now == OpKind::kCondRelock) {
      woken = last != kNone && performed_[last].operation.kind == OpKind::kCondWait;
    }
    if (now == OpKind::kBarrierBlocked) {
      woken = machine.object(task.pending.object).generation != task.pending.argument;
    }
    if (!woken) continue;
    woken_by_[Index(id)] = length_ - 1;
    if (now == OpKind::kCondRelock && length_ > prefix_)
      wakings_.push_back({id, last, length_ - 1});
  }
}

// The point at the end of the path, with its sleep set.
void DporStrategy::OpenPoint() {
  if (length_ == prefix_ && reopened_) return;
  if (path_.size() == length_) {
    path_.emplace_back(memory_);
    performed_.emplace_back();
  }
  Event& event = path_[length_];
  event.sleep.clear();
  event.branches = below_;
  below_ = WakeupTrees::kEmpty;
  if (length_ == 0) return;
  const Event& before = path_[length_ - 1];
  for (const Step& sleeper : before.sleep) {
    if (sleeper.task != before.step.task && !Dependent(sleeper, before.step)) {
      event.sleep.push_back(sleeper);
    }
  }
}

Choice DporStrategy::FollowTree(const Machine& machine) {
  Event& event = path_[length_];
  const bool reopened = length_ == prefix_ && reopened_;
  while (event.branches != WakeupTrees::kEmpty) {
    const Step step = trees_.PopFirst(&event.branches, &below_);
    const TaskId task = names_.TaskOf(step.task);
    if (task != kNoTask && machine.EnabledOf(task).Has(step.alternative)) {
      return {task, step.alternative};
    }
    trees_.Drop(&below_);
  }
  return reopened ? kRedundant : Choice{};
}

bool DporStrategy::Sleeps(const Event& event, const Machine&, Choice choice) const {
  for (const Step& sleeper : event.sleep) {
    if (sleeper.task == names_.Of(choice.task) && sleeper.alternative == choice.alternative) {
      return true;
    }
  }
  return false;
}

Choice DporStrategy::ChooseFreely(const SchedulingPoint& point) {
  const Machine& m = point.machine;
  const Event& event = path_[length_];
  if (length_ == prefix_ && reopened_) return kRedundant;
  Choice found = kRedundant;
  Choice postponed = kRedundant;
  bool anybody = false;
  ForEachEnabled(m, Index(point.current) + (turns_.others_first() ? 1 : 0),
                 [&](TaskId task, Alternatives a) {
                   anybody = true;
                   const bool local = IsLocal(m.task(task));
                   if (local && turns_.tired() && task == point.current) {
                     postponed = {task, a.first};
                     return false;
                   }
                   if (local) {
                     found = {task, a.first};
                     return true;
                   }
                   for (uint32_t i = 0; i < a.count && found.task == kNoTask; ++i) {
                     const Choice choice{task, a.first + i};
                     if (!Sleeps(event, m, choice)) found = choice;
                   }
                   return false;
                 });
  if (!anybody) return {};
  if (postponed.task == kNoTask) return found;
  if (found.task == kNoTask) return postponed;
  bounded_ = true;
  return found;
}

Step DporStrategy::StepOf(const Machine& machine, TaskId id, uint32_t alternative) {
  const TaskState& task = machine.task(id);
  Step step{names_.Of(id), alternative, IsLocal(task), false, task.pending};
  step.operation.object = names_.Of(machine, task.pending.object);
  step.operation.object2 = names_.Of(machine, task.pending.object2);
  step.global = EndsByTime(machine.options(), task.pending, alternative);
  return step;
}

void DporStrategy::Extend(const Machine& machine, Choice choice) {
  const TaskState& task = machine.task(choice.task);
  Event& event = path_[length_];
  event.step = StepOf(machine, choice.task, choice.alternative);
  event.in_atomic = machine.atomic_owner() == choice.task;
  const uint32_t last = last_event_[Index(choice.task)];
  event.number = last == kNone ? 1 : path_[last].number + 1;
  performed_[length_] = {choice.task, choice.alternative, task.cancelable, task.pending};
  replica_.Note(machine, task.pending, length_);
  ComputeNeeds(machine, choice.task, &event.needs);
  ComputeClock(event, length_);
  if (LooksForEnd(task.pending.kind) && choice.alternative == kNormal) {
    JoinTarget(machine, task, &event.clock);
  }
  woken_by_[Index(choice.task)] = kNone;
  AddAlternatives(machine, choice);
}

void DporStrategy::AddAlternatives(const Machine& machine, Choice choice) {
  const Alternatives all = machine.EnabledOf(choice.task);
  if (all.count == 1 || (length_ == prefix_ && reopened_)) return;
  for (uint32_t i = 0; i < all.count; ++i) {
    if (all.first + i == choice.alternative) continue;
    sequence_.clear();
    sequence_.push_back(StepOf(machine, choice.task, all.first + i));
    InsertAt(length_);
  }
}

// ---- Happens-before ----

void DporStrategy::ComputeNeeds(const Machine& machine, TaskId id, VectorClock* needs) {
  const TaskState& task = machine.task(id);
  needs->Clear();
  if (const uint32_t last = last_event_[Index(id)]; last != kNone) needs->Join(path_[last].clock);
  if (const uint32_t by = woken_by_[Index(id)]; by != kNone) needs->Join(path_[by].clock);
  if (task.pending.kind == OpKind::kThreadJoin) JoinTarget(machine, task, needs);
}

void DporStrategy::JoinTarget(const Machine& machine, const TaskState& task, VectorClock* clock) {
  const TaskState& target = machine.task(machine.object(task.pending.object).owner);
  if (target.status != TaskStatus::kFinished) return;
  const uint32_t last = last_event_[Index(target.id)];
  if (last != kNone) clock->Join(path_[last].clock);
}

void DporStrategy::ComputeClock(Event& event, uint32_t index) {
  event.clock.Assign(event.needs);
  for (uint32_t i = index; i-- > 0;) {
    if (HappensBefore(i, event.clock) || !Dependent(path_[i].step, event.step)) continue;
    event.clock.Join(path_[i].clock);
  }
  event.clock.Set(event.step.task, event.number);
}

// ---- Races ----

void DporStrategy::AnalyseRaces(bool cut) {
  const Machine& machine = *machine_;
  if (cut) {
    Event& last = path_[length_ - 1];
    last.step.global = true;
    ComputeClock(last, length_ - 1);
  }
  for (uint32_t i = prefix_; i < length_; ++i) {
    const dpor::Performed& event = performed_[i];
    AnalyseRacesOf(path_[i].step, event.task, path_[i].needs, i, event.operation, event.cancelable);
  }
  for (uint32_t i = 0; i < length_; ++i) {
    const bool spurious = performed_[i].operation.deadline != kNoDeadline &&
                          path_[i].step.alternative == kSpurious &&
                          performed_[i].operation.kind != OpKind::kChoose;
    if (!machine.options().timeouts_any && spurious) TryTimeout(i);
  }
  for (const Waking& waking : wakings_) AnalyseRacesOfWait(waking);
  for (TaskId id : machine.live_tasks()) {
    const TaskState& task = machine.task(id);
    if (task.status != TaskStatus::kPending || Index(id) >= last_event_.size()) continue;
    ComputeNeeds(machine, id, &needs_);
    AnalyseRacesOf(StepOf(machine, id, kNormal), id, needs_, length_, task.pending,
                   task.cancelable);
  }
}

void DporStrategy::AnalyseRacesOf(const Step& step, TaskId task, const VectorClock& needs,
                                  uint32_t end, const Operation& pending, bool cancelable) {
  if (step.local && !step.global) {
    // Only the end of the process can have come before it.
    if (end != length_ || length_ == 0 || !path_[length_ - 1].step.global) return;
  }
  for (uint32_t i = end; i-- > 0;) {
    const Event& first = path_[i];
    if (first.step.task == step.task || first.in_atomic || HappensBefore(i, needs)) continue;
    if (!Dependent(first.step, step)) continue;
    Reverse(i, step, task, end, pending, cancelable);
  }
}

// Puts what does not need event `first`, followed by `step`, into the tree of the point before it.
void DporStrategy::Reverse(uint32_t first, Step step, TaskId task, uint32_t end,
                           const Operation& pending, bool cancelable) {
  kept_.clear();
  sequence_.clear();
  for (uint32_t i = first + 1; i < end; ++i) {
    if (path_[i].clock.Get(path_[first].step.task) >= path_[first].number) continue;
    sequence_.push_back(path_[i].step);
    kept_.push_back(i);
  }
  if (pending.spin != Spin::kNone) {
    if (!SpinEnds(step, first)) return;
  } else if (!AlwaysTheSame(pending, cancelable)) {
    attempt_.assign(sequence_.begin(), sequence_.end());
    for (uint32_t i = first; i-- > 0;) kept_.insert(kept_.begin(), i);
    const Alternatives all =
        replica_.EnabledAfter(*machine_, {performed_.data(), length_}, kept_, task);
    for (uint32_t i = 0; i < all.count; ++i) {
      sequence_.assign(attempt_.begin(), attempt_.end());
      step.alternative = all.first + i;
      step.global = EndsByTime(machine_->options(), pending, step.alternative);
      sequence_.push_back(step);
      InsertAt(first);
    }
    return;
  }
  sequence_.push_back(step);
  InsertAt(first);
}

// A wait that was woken might have ended by itself before.
void DporStrategy::AnalyseRacesOfWait(const Waking& waking) {
  const Event& wait = path_[waking.wait];
  Step step = wait.step;
  Operation pending = performed_[waking.wait].operation;
  step.operation.kind = pending.kind = OpKind::kCondBlocked;
  needs_.Assign(wait.clock);
  AnalyseRacesOf(step, waking.task, needs_, waking.waker + 1, pending,
                 performed_[waking.wait].cancelable);
}

// In virtual time a wait that ended without a reason may time out once all others wait.
void DporStrategy::TryTimeout(uint32_t index) {
  const dpor::Performed& event = performed_[index];
  Step step = path_[index].step;
  Reverse(index, step, event.task, length_, event.operation, event.cancelable);
}

// Whether a spinning operation finds something changed if only what is kept comes before it.
bool DporStrategy::SpinEnds(const Step& step, uint32_t first) const {
  uint32_t last = 0;  // events up to its own last one were seen by it
  for (uint32_t i = 0; i < first; ++i) {
    if (path_[i].step.task == step.task) last = i + 1;
  }
  for (uint32_t i : kept_) {
    if (path_[i].step.task == step.task) last = i + 1;
  }
  for (uint32_t i = last; i < first; ++i) {
    if (Dependent(path_[i].step, step)) return true;
  }
  for (uint32_t i : kept_) {
    if (i >= last && Dependent(path_[i].step, step)) return true;
  }
  return false;
}

// `sequence_` into the tree of the point before event `index`, unless a sleeper covers it.
void DporStrategy::InsertAt(uint32_t index) {
  Event& event = path_[index];
  size_t at = 0;
  for (const Step& sleeper : event.sleep) {
    if (WeakInitial(sleeper, sequence_, &at) != dpor::Initial::kNo) return;
  }
  trees_.Insert(&event.branches, &sequence_);
}

// ---- From one execution to the next ----

bool DporStrategy::FinishExecution(Outcome outcome) {
  if (broken_ || length_ < prefix_ || outcome == Outcome::kDiverged || outcome == Outcome::kLost) {
    broken_ = true;
    return false;
  }
  trees_.Drop(&below_);
  if (length_ != 0) {
    names_.See(*machine_);
    last_event_.resize(machine_->task_count(), kNone);
    woken_by_.resize(machine_->task_count(), kNone);
    LearnEffects(*machine_);
    const bool cut = outcome != Outcome::kCompleted && outcome != Outcome::kDeadlock &&
                     outcome != Outcome::kRedundant;
    AnalyseRaces(cut);
  }
  for (uint32_t i = length_; i-- > 0;) {
    Event& event = path_[i];
    if (event.branches == WakeupTrees::kEmpty) continue;
    prefix_ = i;
    reopened_ = true;
    event.sleep.push_back(event.step);
    length_ = i;
    return true;
  }
  exhausted_ = true;
  return false;
}

}  // namespace csim
