// The races of a finished execution, and the sequences that exchange their events. See dpor.h.
#include <algorithm>

#include "model/operations/common.h"
#include "scheduler/dpor.h"
#include "scheduler/tasks.h"

namespace csim {

using dpor::Step;

namespace {

// Whether an operation can be done, and how, is the same wherever it stands.
bool AlwaysTheSame(const Operation& operation, bool cancelable) {
  return RowOf(operation.kind).enabled == &operations::Always && !cancelable;
}

// The object whose state alone says whether the operation is enabled; kNoObject if there is none, or
// the state may be the sum of what several tasks did independently of each other.
ObjectId WaitsFor(const Operation& operation) {
  switch (operation.kind) {
    case OpKind::kMutexLock:
    case OpKind::kMutexTimedLock:
    case OpKind::kSpinLock:
    case OpKind::kOnceBegin:
    case OpKind::kSemWait:
    case OpKind::kSemTimedWait: return operation.object;
    case OpKind::kCondRelock: return operation.object2;
    default: return kNoObject;
  }
}

}  // namespace

void DporStrategy::AnalyseRaces(bool cut) {
  const Machine& machine = *machine_;
  if (cut) {
    Event& last = path_[length_ - 1];
    if (!IsOdd(last.step)) ++odd_events_;
    last.step.global = true;
    last.clock.Assign(last.needs);
    for (uint32_t i = length_ - 1; i-- > 0;) last.clock.Join(path_[i].clock);
    last.clock.Set(last.step.task, last.number);
  }
  for (uint32_t i = prefix_; i < length_; ++i) {
    const dpor::Performed& event = performed_[i];
    AnalyseRacesOf({path_[i].step, event.task, &path_[i].needs, i, &event.operation,
                    event.cancelable, path_[i].after_odd});
    if (path_[i].ways.count > 1) TryOtherWays(i);
  }
  for (uint32_t i = 0; i < length_; ++i) {
    const bool spurious = performed_[i].operation.deadline != kNoDeadline &&
                          path_[i].step.alternative == kSpurious &&
                          performed_[i].operation.kind != OpKind::kChoose;
    if (!machine.options().timeouts_any && spurious) TryTimeout(i);
  }
  for (const Waking& waking : wakings_) AnalyseRacesOfWait(waking);
  AnalysePending(machine);
}

// The operations before which tasks stand, or stood when their process ended.
void DporStrategy::AnalysePending(const Machine& machine) {
  for (TaskId id : machine.live_tasks()) {
    if (machine.task(id).status == TaskStatus::kPending) AnalysePendingOf(machine, id);
  }
  if (!machine.exposed()) return;
  for (uint32_t i = 0; i < machine.task_count(); ++i) {
    const TaskId id{static_cast<uint16_t>(i)};
    if (machine.task(id).killed) AnalysePendingOf(machine, id);
  }
}

void DporStrategy::AnalysePendingOf(const Machine& machine, TaskId id) {
  const TaskState& task = machine.task(id);
  if (Index(id) >= last_event_.size()) return;
  if (task.pending.spin != Spin::kNone) return;  // it stands still (GivesUpVainRounds)
  ComputeNeeds(machine, id, &needs_);
  AnalyseRacesOf({StepOf(machine, id, kNormal), id, &needs_, length_, &task.pending,
                  task.cancelable, odd_events_ != 0});
}

bool DporStrategy::Precedes(uint32_t index, const Later& later) const {
  const Event& event = path_[index];
  return event.step.task != later.step.task && !event.in_atomic &&
         !HappensBefore(index, *later.needs) && Dependent(event.step, later.step);
}

void DporStrategy::CollectAll(const Later& later) {
  for (uint32_t i = later.end; i-- > 0;) {
    if (Precedes(i, later)) candidates_.push_back(i);
  }
}

void DporStrategy::CollectOn(const Later& later, ObjectId object, uint32_t from) {
  for (uint32_t i = from; i != kNone; i = PreviousOn(i, object)) {
    if (BothRead(path_[i].step, later.step)) continue;
    if (Precedes(i, later)) candidates_.push_back(i);
    if (HappensBefore(i, *later.needs) && Covers(path_[i].step, later.step, object)) return;
  }
}

// The events that might be exchanged with it, the last one first.
void DporStrategy::Collect(const Later& later) {
  candidates_.clear();
  if (later.after_odd || later.pseudo || IsOdd(later.step)) return CollectAll(later);
  const bool pending = later.end == length_;
  uint32_t lists = 0;  // that are not empty
  ForEachObject(later.step, [&](ObjectId object, uint32_t n) {
    const size_t before = candidates_.size();
    CollectOn(later, object, pending ? LastOn(object) : path_[later.end].previous[n]);
    if (candidates_.size() != before) ++lists;
  });
  if (lists < 2) return;
  std::sort(candidates_.begin(), candidates_.end(), std::greater<>());
  candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
}

void DporStrategy::AnalyseRacesOf(const Later& later) {
  if (later.step.local && !later.step.global) {
    // Only the end of the process can have come before it.
    if (later.end != length_ || length_ == 0 || !path_[length_ - 1].step.global) return;
  }
  Collect(later);
  exchanged_.clear();
  for (uint32_t i : candidates_) {
    const bool left_to_another =
        std::any_of(exchanged_.begin(), exchanged_.end(),
                    [&](uint32_t later_one) { return HappensBefore(i, path_[later_one].clock); });
    if (!left_to_another && Reverse(i, later)) exchanged_.push_back(i);
  }
}

// Puts what does not need event `first`, followed by the later step, into the tree of the point before
// it. False if the step cannot be done there.
bool DporStrategy::Reverse(uint32_t first, const Later& later) {
  const Event& event = path_[first];
  const bool same = AlwaysTheSame(*later.operation, later.cancelable);
  const ObjectState* state = same ? nullptr : StateBefore(first, later);
  Alternatives ways;
  if (state != nullptr) {  // often the answer is no: before anything is put together
    ways = replica_.EnabledIn(machine_->options(), *state, *later.operation, later.task);
    if (!ways.Any()) return false;
  }
  kept_.clear();
  sequence_.clear();
  for (uint32_t i = first + 1; i < later.end; ++i) {
    if (path_[i].clock.Get(event.step.task) >= event.number) continue;
    sequence_.push_back(path_[i].step);
    kept_.push_back(i);
  }
  Step step = later.step;
  if (same) {
    // Unless its process has been stopped there, or has been ended by another event than `first`.
    const bool killed = later.end == length_ && machine_->task(later.task).killed;
    if ((killed || machine_->was_stopped()) && !EnabledAfterKept(first, later).Any()) return false;
    ForgetOutcome(first, later, &step);
    sequence_.push_back(step);
    InsertAt(first);
    return true;
  }
  if (state == nullptr) ways = EnabledAfterKept(first, later);
  attempt_.assign(sequence_.begin(), sequence_.end());
  for (uint32_t i = 0; i < ways.count; ++i) {
    sequence_.assign(attempt_.begin(), attempt_.end());
    step.alternative = ways.first + i;
    step.global = EndsByTime(machine_->options(), *later.operation, step.alternative);
    sequence_.push_back(step);
    InsertAt(first);
  }
  return ways.Any();
}

// The state of the one object that the later operation waits for, after what is kept. All that was
// done to it after `first` comes after that, if both change it: it is as `first` found it.
const ObjectState* DporStrategy::StateBefore(uint32_t first, const Later& later) const {
  if (later.cancelable || later.pseudo || later.after_odd) return nullptr;
  if (machine_->exposed()) return nullptr;
  const Operation& operation = *later.operation;
  if (!machine_->options().timeouts_any && operation.deadline != kNoDeadline) return nullptr;
  if (WaitsFor(operation) == kNoObject) return nullptr;
  const Event& event = path_[first];
  const ObjectId object =
      operation.kind == OpKind::kCondRelock ? later.step.object2 : later.step.object;
  if (event.step.object == object && event.step.footprint == Footprint::kWrite) {
    return &event.before;
  }
  if (event.step.object2 == object && event.step.footprint2 == Footprint::kWrite) {
    return &event.before2;
  }
  return nullptr;
}

// In which ways it could be done after the events before `first` and those that are kept.
Alternatives DporStrategy::EnabledAfterKept(uint32_t first, const Later& later) {
  for (uint32_t i = first; i-- > 0;) kept_.insert(kept_.begin(), i);
  return replica_.EnabledAfter(*machine_, {performed_.data(), length_}, kept_, later.task);
}

// Before `first` a compare-exchange may turn out differently.
void DporStrategy::ForgetOutcome(uint32_t first, const Later& later, Step* step) const {
  if (later.operation->kind != OpKind::kAtomicCas) return;
  SetKind(*step, KindAsDone(*later.operation, ValueBefore(first, later)));
}

// What the later operation, on memory, would find before `first`: what the first one that looked from
// there on has found, or what the last one before it has left, or what is there since before all.
uint64_t DporStrategy::ValueBefore(uint32_t first, const Later& later) const {
  const auto looks = [&](uint32_t i) {
    return path_[i].step.object == later.step.object || path_[i].step.object2 == later.step.object;
  };
  for (uint32_t i = first; i < length_ && i <= later.end; ++i) {
    if (looks(i)) return path_[i].found;
  }
  for (uint32_t i = first; i-- > 0;) {
    if (!looks(i)) continue;
    const OpKind kind = path_[i].step.kind;
    const bool reads = kind == OpKind::kPlainRead || kind == OpKind::kFutexWait;
    return reads ? path_[i].found : path_[i].left;
  }
  return machine_->task(later.task).faced;
}

// A wait that was woken might have ended by itself before.
void DporStrategy::AnalyseRacesOfWait(const Waking& waking) {
  const Event& wait = path_[waking.wait];
  Step step = wait.step;
  Operation pending = performed_[waking.wait].operation;
  pending.kind = OpKind::kCondBlocked;
  SetKind(step, pending.kind);
  needs_.Assign(wait.clock);
  AnalyseRacesOf({step, waking.task, &needs_, waking.waker + 1, &pending,
                  performed_[waking.wait].cancelable, true, true});
}

// The other alternatives of an event, followed by what did not need it. (In virtual time what others do
// may not be possible any more once the time has moved on.)
void DporStrategy::TryOtherWays(uint32_t index) {
  const Event& event = path_[index];
  const Operation& operation = performed_[index].operation;
  attempt_.clear();
  for (uint32_t i = index + 1; i < length_; ++i) {
    if (path_[i].clock.Get(event.step.task) < event.number) attempt_.push_back(path_[i].step);
  }
  for (uint32_t i = 0; i < event.ways.count; ++i) {
    Step step = event.step;
    step.alternative = event.ways.first + i;
    if (step.alternative == event.step.alternative) continue;
    step.global = EndsByTime(machine_->options(), operation, step.alternative);
    sequence_.assign(1, step);
    if (!step.global && !event.step.global) {
      sequence_.insert(sequence_.end(), attempt_.begin(), attempt_.end());
    }
    InsertAt(index);
  }
}

// In virtual time a wait that ended without a reason may time out once all others wait.
void DporStrategy::TryTimeout(uint32_t index) {
  const dpor::Performed& event = performed_[index];
  Reverse(index, {path_[index].step, event.task, &path_[index].needs, length_, &event.operation,
                  event.cancelable, true, true});
}

// `sequence_` into the tree of the point before event `index`, unless a sleeper covers it.
void DporStrategy::InsertAt(uint32_t index) {
  Event& event = path_[index];
  for (const Step& sleeper : event.sleep) {
    if (CoveredBy(sleeper, sequence_)) return;
  }
  if (index < root_) return Keep(index);
  trees_.Insert(&event.branches, &sequence_);
}

// The branches of a point that is not ours are those that are known to be explored by others. What they
// do not cover is kept as it is: of two sequences the first may cover the second here, and where they
// go be covered itself by something that does not cover the second.
void DporStrategy::Keep(uint32_t index) {
  if (trees_.Covers(path_[index].branches, sequence_)) return;
  const bool known =
      std::any_of(found_above_.begin(), found_above_.end(), [&](const dpor::Sequence& other) {
        return other.depth == index && other.steps == sequence_;
      });
  if (!known) found_above_.emplace_back(index, sequence_, memory_);
}

}  // namespace csim
