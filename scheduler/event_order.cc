#include "scheduler/event_order.h"

#include "scheduler/tasks.h"

namespace csim {
namespace {

bool MayWake(OpKind kind) {
  return kind == OpKind::kThreadCancel || kind == OpKind::kCondSignal ||
         kind == OpKind::kCondBroadcast || kind == OpKind::kBarrierWait;
}

bool SeesEnd(const Operation& operation, uint32_t alternative) {
  switch (operation.kind) {
    case OpKind::kThreadJoin: return true;
    case OpKind::kThreadTimedJoin:
    case OpKind::kThreadTryJoin: return alternative == kNormal;
    default: return false;
  }
}

// Such a step may be dependent with events on other objects.
bool IsOdd(const dpor::Step& step) {
  return step.global || step.footprint == Footprint::kGlobal || step.use_count != 0 ||
         step.kind == OpKind::kThreadCancel || step.spin != Spin::kNone ||
         step.reach.first != Reach::kNobody;
}

}  // namespace

void EventOrder::BeginExecution() {
  started_ = odd_ = may_wake_ = false;
  count_ = clocks_ = 0;
  last_.clear();
  woken_by_.clear();
  last_on_.clear();
}

uint32_t& EventOrder::LastOf(TaskId task) {
  if (Index(task) >= last_.size()) last_.resize(Index(task) + 1, kNone);
  return last_[Index(task)];
}

uint32_t& EventOrder::LastOn(ObjectId object) {
  if (Index(object) >= last_on_.size()) last_on_.resize(Index(object) + 1, kNone);
  return last_on_[Index(object)];
}

// The task's last event has been performed: a compare-exchange may have turned out to be a load.
void EventOrder::Complete(const Machine& machine, TaskId task) {
  const uint32_t last = LastOf(task);
  if (last == kNone || events_[last].operation.kind != OpKind::kAtomicCas) return;
  SetKind(events_[last].step, KindAsDone(events_[last].operation, machine.task(task).found));
}

// Whose wait the last event has ended.
void EventOrder::LearnWakings(const Machine& machine) {
  may_wake_ = false;
  for (TaskId id : machine.live_tasks()) {
    const TaskState& task = machine.task(id);
    if (task.status != TaskStatus::kPending || woken_by_[Index(id)] != kNone) continue;
    const uint32_t last = LastOf(id);
    const bool relock = task.pending.kind == OpKind::kCondRelock && last != kNone &&
                        events_[last].operation.kind == OpKind::kCondWait;
    const bool barrier = task.pending.kind == OpKind::kBarrierBlocked &&
                         machine.object(task.pending.object).generation != task.pending.argument;
    if (relock || barrier) woken_by_[Index(id)] = count_ - 1;
  }
}

void EventOrder::Add(const Machine& machine, TaskId id, uint32_t alternative) {
  const TaskState& task = machine.task(id);
  woken_by_.resize(machine.task_count(), kNone);
  if (may_wake_) LearnWakings(machine);
  Complete(machine, id);
  if (events_.size() == count_) events_.emplace_back(memory_);
  Event& event = events_[count_];
  event.task = id;
  event.operation = task.pending;
  event.step = dpor::Step{};
  event.step.task = Index(id);
  event.step.alternative = alternative;
  event.step.object = task.pending.object;
  event.step.object2 = task.pending.object2;
  event.step.uses = task.pending.uses;
  event.step.use_count = task.pending.use_count;
  event.step.size = task.pending.size;
  event.step.offset = task.pending.offset;
  event.step.spin = task.pending.spin;
  event.step.local = IsLocal(task);
  event.step.global = EndsByTime(machine.options(), task.pending, alternative);
  if (task.exposed) event.step.reach = task.pending.reach;
  SetKind(event.step, task.pending.kind);
  event.in_atomic = machine.atomic_owner() == id;
  event.task_before = LastOf(id);
  event.number = event.task_before == kNone ? 1 : events_[event.task_before].number + 1;
  event.woken_by = woken_by_[Index(id)];
  woken_by_[Index(id)] = kNone;
  event.ended = kNone;
  if (SeesEnd(task.pending, alternative)) {
    event.ended = LastOf(machine.object(task.pending.object).owner);
  }
  if (CreatesTask(task.pending.kind) && task.pending.argument < woken_by_.size()) {
    woken_by_[task.pending.argument] = count_;
  }
  may_wake_ = MayWake(task.pending.kind);
  LastOf(id) = count_++;
}

EventOrder::Mark EventOrder::MarkOf(TaskId task) const {
  const uint32_t last = Index(task) < last_.size() ? last_[Index(task)] : kNone;
  return {task, last == kNone ? 0 : events_[last].number};
}

void EventOrder::JoinOn(Event& event, ObjectId object) {
  if (object == kNoObject) return;
  for (uint32_t i = LastOn(object); i != kNone;) {
    const Event& other = events_[i];
    if (!IsIn(i, event.clock) && Dependent(other.step, event.step)) event.clock.Join(other.clock);
    if (Covers(other.step, event.step, object)) return;
    i = other.step.object == object ? other.previous : other.previous2;
  }
}

void EventOrder::JoinAll(Event& event, uint32_t index) {
  for (uint32_t i = index; i-- > 0;) {
    if (IsIn(i, event.clock) || !Dependent(events_[i].step, event.step)) continue;
    event.clock.Join(events_[i].clock);
  }
}

uint32_t EventOrder::Link(ObjectId object, uint32_t index) {
  if (object == kNoObject) return kNone;
  uint32_t& last = LastOn(object);
  const uint32_t previous = last;
  last = index;
  return previous;
}

void EventOrder::ComputeClock(uint32_t index) {
  Event& event = events_[index];
  event.clock.Clear();
  for (const uint32_t needed : {event.task_before, event.woken_by, event.ended}) {
    if (needed != kNone) event.clock.Join(events_[needed].clock);
  }
  odd_ = odd_ || IsOdd(event.step);
  if (odd_) {
    JoinAll(event, index);
  } else if (!event.step.local) {
    JoinOn(event, event.step.object);
    JoinOn(event, event.step.object2);
  }
  event.clock.Set(Index(event.task), event.number);
  event.previous = Link(event.step.object, index);
  const bool second = event.step.object2 != event.step.object;
  event.previous2 = second ? Link(event.step.object2, index) : kNone;
}

// Nobody comes in between the events of an atomic block: what comes before one comes before all. They
// stand side by side, behind the one that begins the block.
void EventOrder::SpreadOverBlock(uint32_t index) {
  if (!events_[index].in_atomic) return;
  if (index + 1 < count_ && events_[index + 1].in_atomic) return;
  for (uint32_t i = index; events_[i].in_atomic && i-- > 0;) {
    events_[i].clock.Assign(events_[index].clock);
  }
}

bool EventOrder::Before(const Machine& machine, Mark a, Mark b) {
  for (uint32_t i = 0; i < machine.task_count() && clocks_ < count_; ++i) {
    Complete(machine, TaskId{static_cast<uint16_t>(i)});
  }
  for (; clocks_ < count_; ++clocks_) {
    ComputeClock(clocks_);
    SpreadOverBlock(clocks_);
  }
  uint32_t last = LastOf(b.task);
  while (last != kNone && events_[last].number > b.events) last = events_[last].task_before;
  return last != kNone && events_[last].clock.Get(Index(a.task)) > a.events;
}

}  // namespace csim
