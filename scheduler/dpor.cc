// The path of an execution: choosing, and what each event needs and comes after. See dpor.h.
#include "scheduler/dpor.h"

#include <algorithm>
#include <utility>

#include "scheduler/dpor_state.h"
#include "scheduler/state.h"
#include "scheduler/tasks.h"

namespace csim {

using dpor::Step;
using dpor::WakeupTrees;

namespace {

bool MayWake(OpKind kind) {
  return kind == OpKind::kThreadCancel || kind == OpKind::kCondSignal ||
         kind == OpKind::kCondBroadcast || kind == OpKind::kBarrierWait;
}

bool LooksForEnd(OpKind kind) {
  return kind == OpKind::kThreadTimedJoin || kind == OpKind::kThreadTryJoin;
}

// How much a read of a stream socket takes at most is known when it is done.
bool ReadsStream(const Machine& machine, const Operation& operation) {
  const bool reads =
      operation.kind == OpKind::kChannelRead || operation.kind == OpKind::kChannelTryRead;
  return reads && machine.object(operation.object).kind == ObjectKind::kSocket;
}

// A compare-exchange that failed is a load on the path.
bool SameKind(OpKind given, OpKind now) {
  return given == now || (given == OpKind::kAtomicLoad && now == OpKind::kAtomicCas);
}

}  // namespace

DporStrategy::DporStrategy(std::pmr::memory_resource* memory)
    : memory_(memory),
      names_(memory),
      replica_(memory),
      trees_(memory),
      path_(memory),
      performed_(memory),
      found_above_(memory),
      last_event_(memory),
      woken_by_(memory),
      last_on_(memory),
      wakings_(memory),
      sequence_(memory),
      attempt_(memory),
      kept_(memory),
      candidates_(memory),
      exchanged_(memory),
      needs_(memory) {}

void DporStrategy::BeginExecution() {
  names_.BeginExecution();
  length_ = 0;
  completed_ = 0;
  odd_events_ = 0;
  last_event_.clear();
  woken_by_.clear();
  std::fill(last_on_.begin(), last_on_.end(), kNone);
  wakings_.clear();
  machine_ = nullptr;
  turns_ = {};
}

void DporStrategy::Restart() {
  trees_.Clear();
  path_.clear();
  performed_.clear();
  prefix_ = 0;
  root_ = 0;
  reopened_ = loaded_ = false;
  found_above_.clear();
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
  if (length_ != 0) Complete(machine);
  Choice choice;
  if (length_ < prefix_) {
    choice = Given(machine);
    if (choice.task == kNoTask) return choice;
  } else {
    OpenPoint();
    choice = FollowTree(point);
    if (choice.task == kNoTask) choice = ChooseFreely(point);
    if (choice.task == kNoTask) return choice;
    Describe(machine, choice);
  }
  woken_by_[Index(choice.task)] = kNone;
  turns_.Note(point, choice);
  last_event_[Index(choice.task)] = length_++;
  return choice;
}

// The next of the given events; none if it cannot be done.
Choice DporStrategy::Given(const Machine& machine) {
  const Step& step = path_[length_].step;
  const Choice choice{names_.TaskOf(step.task), step.alternative};
  if (choice.task == kNoTask || !machine.EnabledOf(choice.task).Has(choice.alternative) ||
      !SameKind(step.kind, machine.task(choice.task).pending.kind)) {
    broken_ = true;
    return {};
  }
  if (loaded_) Describe(machine, choice);
  return choice;
}

// The last event has been performed: what only the state after it tells.
void DporStrategy::Complete(const Machine& machine) {
  if (completed_ == length_) return;
  const uint32_t index = completed_++;
  Event& event = path_[index];
  dpor::Performed& performed = performed_[index];
  if (performed.operation.kind == OpKind::kFutexWait) {
    const TaskState& task = machine.task(performed.task);
    const bool waits =
        task.status == TaskStatus::kPending && task.pending.kind == OpKind::kFutexBlocked;
    performed.operation.argument = waits ? 1 : 0;
  } else if (performed.operation.kind == OpKind::kSignal) {
    performed.operation.argument =
        machine.task(performed.task).found;  // that of a timer may be none
  } else if (ReadsStream(machine, performed.operation)) {
    performed.operation.argument = machine.task(performed.task).found;
  }
  if (index >= prefix_ || loaded_) {
    const Operation& operation = performed.operation;
    event.found = machine.task(performed.task).found;
    event.left = machine.task(performed.task).left;
    if (operation.kind == OpKind::kAtomicCas) {
      SetKind(event.step, KindAsDone(operation, event.found));
    }
    ComputeClock(event, index);
    if (LooksForEnd(operation.kind) && event.step.alternative == kNormal) {
      JoinTarget(machine, operation.object, &event.clock);
    }
  }
  Link(index);
  if (IsOdd(event.step)) ++odd_events_;
  if (CreatesTask(performed.operation.kind)) {
    const auto child = static_cast<uint32_t>(performed.operation.argument);
    if (child < woken_by_.size() && last_event_[child] == kNone) woken_by_[child] = index;
  } else if (MayWake(performed.operation.kind)) {
    LearnWakings(machine);
  }
}

void DporStrategy::LearnWakings(const Machine& machine) {
  for (TaskId id : machine.live_tasks()) {
    const TaskState& task = machine.task(id);
    if (task.status != TaskStatus::kPending || woken_by_[Index(id)] != kNone) continue;
    const uint32_t last = last_event_[Index(id)];
    const OpKind now = task.pending.kind;
    bool woken = false;
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

void DporStrategy::MakeRoom() {
  if (path_.size() == length_) path_.emplace_back(memory_);
  if (performed_.size() <= length_) performed_.resize(length_ + 1);
}

// The point at the end of the path, with its sleep set.
void DporStrategy::OpenPoint() {
  MakeRoom();
  if (length_ == prefix_ && reopened_) return;
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

Choice DporStrategy::FollowTree(const SchedulingPoint& point) {
  const Machine& machine = point.machine;
  Event& event = path_[length_];
  const bool reopened = length_ == prefix_ && reopened_;
  while (event.branches != WakeupTrees::kEmpty) {
    const Step step = trees_.PopFirst(&event.branches, &below_);
    const TaskId task = names_.TaskOf(step.task);
    const bool enabled = task != kNoTask && machine.EnabledOf(task).Has(step.alternative);
    if (enabled && !Sleeps(event, {task, step.alternative})) {
      // What is local is done before the process ends, to see what comes after it.
      bool tired = false;
      const Choice local =
          step.kind == OpKind::kProcessExit ? ChooseLocal(point, &tired) : Choice{};
      if (local.task == kNoTask) return {task, step.alternative};
      const dpor::Branch end{step, 0};
      trees_.Plant(&below_, {&end, 1});
      return local;
    }
    trees_.Drop(&below_);
  }
  return reopened ? kRedundant : Choice{};
}

bool DporStrategy::Sleeps(const Event& event, Choice choice) const {
  const uint32_t task = names_.Of(choice.task);
  return std::any_of(event.sleep.begin(), event.sleep.end(), [&](const Step& sleeper) {
    return sleeper.task == task && sleeper.alternative == choice.alternative;
  });
}

// An enabled local operation, if there is one. *tired: there is only one of a task that has done many
// in a row.
Choice DporStrategy::ChooseLocal(const SchedulingPoint& point, bool* tired) {
  const Machine& m = point.machine;
  Choice found;
  for (TaskId id : m.live_tasks()) {
    const TaskState& task = m.task(id);
    if (task.status != TaskStatus::kPending || !IsLocal(task)) continue;
    const Alternatives all = m.EnabledOf(id);
    if (!all.Any()) continue;
    if (turns_.tired() && id == point.current) {
      *tired = true;
      continue;
    }
    const bool mine = id == point.current && !turns_.others_first();
    if (found.task == kNoTask || mine) found = {id, all.first};
    if (mine) return found;
  }
  return found;
}

Choice DporStrategy::ChooseFreely(const SchedulingPoint& point) {
  const Machine& m = point.machine;
  const Event& event = path_[length_];
  if (length_ == prefix_ && reopened_) return kRedundant;
  bool tired = false;
  if (const Choice local = ChooseLocal(point, &tired); local.task != kNoTask) return local;
  Choice found = kRedundant;
  bool anybody = false;
  ForEachEnabled(m, Index(point.current) + (turns_.others_first() ? 1 : 0),
                 [&](TaskId task, Alternatives a) {
                   anybody = true;
                   if (tired && task == point.current) return false;
                   for (uint32_t i = 0; i < a.count && found.task == kNoTask; ++i) {
                     const Choice choice{task, a.first + i};
                     if (!Sleeps(event, choice)) found = choice;
                   }
                   return found.task != kNoTask;
                 });
  if (!anybody) return {};
  if (!tired) return found;
  if (found.task == kNoTask) return {point.current, m.EnabledOf(point.current).first};
  bounded_ = true;
  return found;
}

Step DporStrategy::StepOf(const Machine& machine, TaskId id, uint32_t alternative) {
  const TaskState& task = machine.task(id);
  const Operation& pending = task.pending;
  Step step;
  step.task = names_.Of(id);
  step.alternative = alternative;
  step.object = names_.Of(machine, pending.object);
  step.object2 = names_.Of(machine, pending.object2);
  step.uses = names_.Of(machine, {pending.uses, pending.use_count});
  step.use_count = pending.use_count;
  step.size = pending.size;
  step.offset = pending.offset;
  step.spin = pending.spin;
  step.local = IsLocal(task);
  step.global = EndsByTime(machine.options(), pending, alternative);
  if (task.exposed) step.reach = names_.Of(machine, pending.reach);
  SetKind(step, pending.kind);
  return step;
}

// The event at the end of the path, about to be performed.
void DporStrategy::Describe(const Machine& machine, Choice choice) {
  MakeRoom();
  const TaskState& task = machine.task(choice.task);
  const Operation& pending = task.pending;
  Event& event = path_[length_];
  event.step = StepOf(machine, choice.task, choice.alternative);
  event.after_odd = odd_events_ != 0;
  event.in_atomic = machine.atomic_owner() == choice.task;
  event.ways = machine.EnabledOf(choice.task);
  const uint32_t last = last_event_[Index(choice.task)];
  event.number = last == kNone ? 1 : path_[last].number + 1;
  event.before = pending.object == kNoObject ? ObjectState{} : machine.object(pending.object);
  event.before2 = pending.object2 == kNoObject ? ObjectState{} : machine.object(pending.object2);
  performed_[length_] = {choice.task, choice.alternative, task.cancelable, pending};
  replica_.Note(machine, pending, length_);
  ComputeNeeds(machine, choice.task, &event.needs);
}

// ---- Happens-before ----

void DporStrategy::ComputeNeeds(const Machine& machine, TaskId id, VectorClock* needs) {
  const TaskState& task = machine.task(id);
  needs->Clear();
  if (const uint32_t last = last_event_[Index(id)]; last != kNone) needs->Join(path_[last].clock);
  if (const uint32_t by = woken_by_[Index(id)]; by != kNone) needs->Join(path_[by].clock);
  if (task.pending.kind == OpKind::kThreadJoin) JoinTarget(machine, task.pending.object, needs);
}

void DporStrategy::JoinTarget(const Machine& machine, ObjectId thread, VectorClock* clock) {
  const TaskState& target = machine.task(machine.object(thread).owner);
  if (target.status != TaskStatus::kFinished) return;
  const uint32_t last = last_event_[Index(target.id)];
  if (last != kNone) clock->Join(path_[last].clock);
}

// Such a step may be dependent with events on other objects. (What a cancel request is dependent with
// need not be odd too.)
bool DporStrategy::IsOdd(const Step& step) const {
  return step.global || step.footprint == Footprint::kGlobal || step.reach.first != Reach::kNobody;
}

uint32_t DporStrategy::LastOn(ObjectId object) const {
  return Index(object) < last_on_.size() ? last_on_[Index(object)] : kNone;
}

uint32_t DporStrategy::PreviousOn(uint32_t index, ObjectId object) const {
  const Event& event = path_[index];
  uint32_t previous = kNone;
  ForEachObject(event.step, [&](ObjectId its, uint32_t n) {
    if (its == object) previous = event.previous[n];
  });
  return previous;
}

// Makes the event the last one on its objects.
void DporStrategy::Link(uint32_t index) {
  Event& event = path_[index];
  event.previous.resize(std::max<size_t>(event.step.use_count, 2));
  ForEachObject(event.step, [&](ObjectId object, uint32_t n) {
    if (Index(object) >= last_on_.size()) last_on_.resize(Index(object) + 1, kNone);
    event.previous[n] = std::exchange(last_on_[Index(object)], index);
  });
}

void DporStrategy::JoinOn(Event& event, ObjectId object) {
  for (uint32_t i = LastOn(object); i != kNone; i = PreviousOn(i, object)) {
    const Event& other = path_[i];
    if (BothRead(other.step, event.step)) continue;
    if (!HappensBefore(i, event.clock)) {
      if (!Dependent(other.step, event.step)) continue;
      event.clock.Join(other.clock);
    }
    if (Covers(other.step, event.step, object)) return;
  }
}

// REQUIRES: the event is not linked yet.
void DporStrategy::ComputeClock(Event& event, uint32_t index) {
  event.clock.Assign(event.needs);
  if (odd_events_ != 0 || IsOdd(event.step)) {
    for (uint32_t i = index; i-- > 0;) {
      if (HappensBefore(i, event.clock) || !Dependent(path_[i].step, event.step)) continue;
      event.clock.Join(path_[i].clock);
    }
  } else if (!event.step.local) {
    ForEachObject(event.step, [&](ObjectId object, uint32_t) { JoinOn(event, object); });
  }
  event.clock.Set(event.step.task, event.number);
}

// ---- From one execution to the next ----

bool DporStrategy::FinishExecution(Outcome outcome) {
  if (broken_ || length_ < prefix_ || outcome == Outcome::kDiverged || outcome == Outcome::kLost) {
    broken_ = true;
    return false;
  }
  loaded_ = false;
  trees_.Drop(&below_);
  if (length_ != 0) {
    names_.See(*machine_);
    last_event_.resize(machine_->task_count(), kNone);
    woken_by_.resize(machine_->task_count(), kNone);
    Complete(*machine_);
    const bool cut = outcome != Outcome::kCompleted && outcome != Outcome::kDeadlock &&
                     outcome != Outcome::kRedundant && outcome != Outcome::kVain;
    AnalyseRaces(cut);
  }
  for (uint32_t i = length_; i-- > root_;) {
    Event& event = path_[i];
    if (event.branches == WakeupTrees::kEmpty) continue;
    prefix_ = i;
    reopened_ = true;
    event.sleep.push_back(event.step);
    length_ = i;
    return found_above_.size() < kMostFoundAbove;
  }
  exhausted_ = true;
  return false;
}

bool DporStrategy::Save(StateWriter& out) const {
  dpor::Subtree subtree(memory_);
  subtree.root = root_;
  subtree.finished = exhausted_ || broken_;
  const bool begun = reopened_ || exhausted_;
  const uint32_t count = subtree.finished ? 0 : prefix_ + 1;
  for (uint32_t i = 0; begun && i < count; ++i) {
    dpor::Point& point = subtree.points.emplace_back(memory_);
    point.step = path_[i].step;
    point.sleep = path_[i].sleep;
    trees_.List(path_[i].branches, &point.branches);
  }
  for (const dpor::Sequence& sequence : found_above_) {
    subtree.found_above.emplace_back(sequence.depth, sequence.steps, memory_);
  }
  out.Flag(begun);
  if (begun) Write(out, subtree, names_.tasks(), names_.objects());
  out.Flag(bounded_);
  out.Flag(exhausted_);
  out.Flag(broken_);
  return true;
}

bool DporStrategy::Load(StateReader& in) {
  dpor::Subtree subtree(memory_);
  const bool begun = in.Flag();
  if (begun && !Read(in, &subtree, names_, memory_)) return false;
  bounded_ = in.Flag();
  exhausted_ = in.Flag();
  broken_ = in.Flag();
  if (!in.AtEnd() || (begun && !subtree.finished && subtree.points.empty())) return false;
  if (!begun) return true;
  root_ = subtree.root;
  for (dpor::Point& point : subtree.points) {
    Event& event = path_.emplace_back(memory_);
    event.step = point.step;
    event.sleep = point.sleep;
    trees_.Plant(&event.branches, point.branches);
  }
  for (const dpor::Sequence& sequence : subtree.found_above) {
    found_above_.emplace_back(sequence.depth, sequence.steps, memory_);
  }
  length_ = prefix_ = subtree.finished ? 0 : static_cast<uint32_t>(subtree.points.size()) - 1;
  reopened_ = loaded_ = true;
  return true;
}

}  // namespace csim
