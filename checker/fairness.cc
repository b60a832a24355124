#include "checker/fairness.h"

#include <cerrno>

namespace csim {

namespace {

enum class Way : uint8_t { kNone, kTries, kWaits };
struct Taker {
  Way way = Way::kNone;
  bool shared = false;
};

// How the operation takes a lock, if it does.
Taker TakerOf(OpKind kind) {
  switch (kind) {
    case OpKind::kMutexLock:
    case OpKind::kMutexTimedLock:
    case OpKind::kCondRelock:
    case OpKind::kWriteLock:
    case OpKind::kWriteTimedLock:
    case OpKind::kWriteBlocked:
    case OpKind::kSemWait:
    case OpKind::kSemTimedWait:
    case OpKind::kSpinLock: return {Way::kWaits, false};
    case OpKind::kReadLock:
    case OpKind::kReadTimedLock:
    case OpKind::kReadBlocked: return {Way::kWaits, true};
    case OpKind::kMutexTryLock:
    case OpKind::kWriteTryLock:
    case OpKind::kSemTryWait:
    case OpKind::kSpinTryLock: return {Way::kTries, false};
    case OpKind::kReadTryLock: return {Way::kTries, true};
    default: return {};
  }
}

ObjectId LockOf(const Operation& operation) {
  return operation.kind == OpKind::kCondRelock ? operation.object2 : operation.object;
}

bool Took(const OpResult& result) {
  if (result.blocked || result.interrupted) return false;
  return result.error == 0 || result.error == EOWNERDEAD;
}

// In virtual time it is done because nobody else can go on.
bool EndsByTime(const Machine& machine, const Operation& operation, uint32_t alternative) {
  if (machine.options().timeouts_any || operation.deadline == kNoDeadline) return false;
  return alternative == kTimeout || operation.kind == OpKind::kSleep;
}

bool MayWake(OpKind kind) {
  return kind == OpKind::kThreadCancel || kind == OpKind::kCondSignal ||
         kind == OpKind::kCondBroadcast || kind == OpKind::kBarrierWait;
}

bool LooksForEnd(OpKind kind) {
  return kind == OpKind::kThreadJoin || kind == OpKind::kThreadTimedJoin ||
         kind == OpKind::kThreadTryJoin;
}

}  // namespace

void Fairness::BeginExecution() {
  events_.clear();
  tasks_.clear();
  takings_.clear();
  request_count_ = settled_ = 0;
  full_ = false;
}

Fairness::TaskEvents& Fairness::Of(TaskId task) {
  if (Index(task) >= tasks_.size()) tasks_.resize(Index(task) + 1);
  return tasks_[Index(task)];
}

VectorClock& Fairness::Entry(std::pmr::vector<VectorClock>& list, size_t at,
                             std::pmr::memory_resource* memory) {
  while (list.size() <= at) list.emplace_back(memory);
  list[at].Clear();
  return list[at];
}

// What must have come before the operation, whatever else the others do.
void Fairness::JoinNeeds(const Machine& machine, TaskId task, const Operation& operation,
                         VectorClock* clock) {
  const TaskEvents& own = Of(task);
  if (own.last != kNone) clock->Join(clocks_[own.last]);
  if (own.woken_by != kNone) clock->Join(clocks_[own.woken_by]);
  if (!LooksForEnd(operation.kind) || operation.object == kNoObject) return;
  const TaskState& target = machine.task(machine.object(operation.object).owner);
  const uint32_t last = Of(target.id).last;
  if (target.status == TaskStatus::kFinished && last != kNone) clock->Join(clocks_[last]);
}

void Fairness::ComputeClock(const Machine& machine, uint32_t index) {
  const Event& event = events_[index];
  VectorClock& clock = Entry(clocks_, index, memory_);
  JoinNeeds(machine, event.choice.task, event.operation, &clock);
  for (uint32_t i = index; i-- > 0;) {
    if (Precedes(i, clock)) continue;
    const bool dependent =
        events_[i].global || event.global || Dependent(events_[i].operation, event.operation);
    if (dependent) clock.Join(clocks_[i]);
  }
  clock.Set(Index(event.choice.task), event.number);
}

void Fairness::LearnWakings(const Machine& machine, uint32_t by) {
  for (const TaskId id : machine.live_tasks()) {
    const TaskState& task = machine.task(id);
    if (task.status != TaskStatus::kPending) continue;
    TaskEvents& own = Of(id);
    if (own.woken_by != kNone || own.last == kNone) continue;
    const OpKind now = task.pending.kind;
    const bool woken =
        (now == OpKind::kCondRelock && events_[own.last].operation.kind == OpKind::kCondWait) ||
        (now == OpKind::kBarrierBlocked &&
         machine.object(task.pending.object).generation != task.pending.argument);
    if (woken) own.woken_by = by;
  }
}

void Fairness::Settle(const Machine& machine) {
  if (settled_ == events_.size()) return;
  const uint32_t index = settled_++;
  Event& event = events_[index];
  const TaskState& task = machine.task(event.choice.task);
  event.operation.kind = KindAsDone(event.operation, task.found);
  ComputeClock(machine, index);
  TaskEvents& own = Of(event.choice.task);
  own.last = index;
  own.woken_by = kNone;
  if (CreatesTask(event.operation.kind)) {
    TaskEvents& child = Of(TaskId{static_cast<uint16_t>(event.operation.argument)});
    if (child.last == kNone) child.woken_by = index;
  } else if (MayWake(event.operation.kind)) {
    LearnWakings(machine, index);
  }
}

void Fairness::Before(const Machine& machine, TaskId task, uint32_t alternative) {
  Settle(machine);
  if (full_ || events_.size() == kMaxEvents) {
    full_ = true;
    return;
  }
  const Operation& operation = machine.task(task).pending;
  TaskEvents& own = Of(task);
  if (TakerOf(operation.kind).way == Way::kWaits && own.request == kNone) {
    own.request = request_count_++;
    JoinNeeds(machine, task, operation, &Entry(requests_, own.request, memory_));
  } else if (own.queued != kNone) {
    requests_[own.request].Join(clocks_[own.queued]);
    own.queued = kNone;
  }
  const uint32_t number = own.last == kNone ? 1 : events_[own.last].number + 1;
  events_.push_back(
      {operation, {task, alternative}, number, EndsByTime(machine, operation, alternative)});
}

bool Fairness::After(const Machine& machine, const OpResult& result, Passing* passing) {
  if (full_) return false;
  const auto index = static_cast<uint32_t>(events_.size() - 1);
  const Event& event = events_[index];
  const Taker taker = TakerOf(event.operation.kind);
  if (taker.way == Way::kNone) return false;
  TaskEvents& own = Of(event.choice.task);
  if (result.blocked) {
    own.queued = index;
    return false;
  }
  const uint32_t request = own.request;
  own.request = kNone;
  if (!Took(result)) return false;
  const ObjectId lock = LockOf(event.operation);
  uint32_t times = 0;
  if (request != kNone) {
    for (const Taking& taking : takings_) {
      if (taking.lock != lock || (taking.shared && taker.shared)) continue;
      if (events_[taking.event].choice.task == event.choice.task) continue;
      if (!Precedes(taking.event, requests_[request])) ++times;
    }
  }
  takings_.push_back({lock, index, taker.shared});
  if (request == kNone) return false;
  *passing = {lock, times, request};
  return true;
}

// The numbers of tasks depend on the order in which different tasks create them.
bool Fairness::SeveralCreate() const {
  TaskId creator = kNoTask;
  for (const Event& event : events_) {
    if (!CreatesTask(event.operation.kind)) continue;
    if (creator != kNoTask && creator != event.choice.task) return true;
    creator = event.choice.task;
  }
  return false;
}

bool Fairness::InOrder(const Machine& machine, uint32_t request, Schedule* schedule) {
  Settle(machine);
  if (full_ || SeveralCreate()) return false;
  for (const bool before : {true, false}) {
    for (uint32_t i = 0; i < events_.size(); ++i) {
      if (Precedes(i, requests_[request]) == before) schedule->Append(events_[i].choice);
    }
  }
  return true;
}

}  // namespace csim
