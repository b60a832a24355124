#include "scheduler/access_log.h"

#include <algorithm>

namespace csim {
namespace {

bool Releases(OpKind kind) {
  switch (kind) {
    case OpKind::kMutexUnlock:
    case OpKind::kRwUnlock:
    case OpKind::kSpinUnlock:
    case OpKind::kOnceEnd:
    case OpKind::kSemPost: return true;
    default: return false;
  }
}

// Enabled only while nobody holds the lock.
bool TakesLock(OpKind kind) {
  switch (kind) {
    case OpKind::kMutexLock:
    case OpKind::kCondRelock:
    case OpKind::kWriteLock:
    case OpKind::kSpinLock: return true;
    default: return false;
  }
}

bool EndsJoin(OpKind kind, uint32_t alternative) {
  const bool joins = kind == OpKind::kThreadJoin || kind == OpKind::kThreadTimedJoin ||
                     kind == OpKind::kThreadTryJoin;
  return joins && alternative == kNormal;
}

}  // namespace

Use UseOf(OpKind kind, Footprint footprint) {
  switch (footprint) {
    case Footprint::kLocal:
    case Footprint::kGlobal: return {};
    case Footprint::kRead: return {.reads = true};
    case Footprint::kWrite: break;
  }
  const bool blind = kind == OpKind::kAtomicStore || kind == OpKind::kPlainWrite || Releases(kind);
  return {.reads = !blind, .writes = true};
}

bool MayReadFrom(OpKind reader, OpKind writer) { return !TakesLock(reader) || !TakesLock(writer); }

void AccessLog::BeginExecution() {
  accesses_.clear();
  tasks_.clear();
  counts_.clear();
  clocks_used_ = 0;
}

// A copy of the task's clock that may be changed.
void AccessLog::NewClock(TaskId task) {
  const uint32_t before = tasks_[Index(task)].clock;
  if (clocks_used_ == clocks_.size()) clocks_.emplace_back(memory_);
  VectorClock& clock = clocks_[clocks_used_];
  clock.Clear();
  if (before != kNone) clock.Assign(clocks_[before]);
  tasks_[Index(task)].clock = clocks_used_++;
}

void AccessLog::BeginOperation(const Machine& machine, TaskId id, uint32_t alternative) {
  if (tasks_.size() < machine.task_count()) tasks_.resize(machine.task_count());
  const Operation& operation = machine.task(id).pending;
  const uint32_t number = ++tasks_[Index(id)].operations;
  if (CreatesTask(operation.kind)) {
    const TaskId child{static_cast<uint16_t>(operation.argument)};
    tasks_[Index(child)].clock = tasks_[Index(id)].clock;
    NewClock(child);
    clocks_[tasks_[Index(child)].clock].Set(Index(id), number);
  } else if (EndsJoin(operation.kind, alternative)) {
    const TaskId joined = machine.object(operation.object).owner;
    NewClock(id);
    VectorClock& clock = clocks_[tasks_[Index(id)].clock];
    const Task& other = tasks_[Index(joined)];
    if (other.clock != kNone) clock.Join(clocks_[other.clock]);
    clock.Set(Index(joined), other.operations);
  }
}

uint32_t AccessLog::Add(TaskId task, uint32_t operation, uint32_t place, OpKind kind, Use use) {
  if (accesses_.size() == kMostAccesses) return 0;
  const Task& state = tasks_[Index(task)];
  const uint32_t occurrence = counts_[uint64_t{operation} << 16 | Index(task)]++;
  accesses_.push_back(
      {operation, place, task, kind, use, state.operations, state.clock, occurrence});
  return occurrence;
}

bool AccessLog::Before(const LoggedAccess& a, const LoggedAccess& b) const {
  if (a.task == b.task) return a.number < b.number;
  return b.clock != kNone && clocks_[b.clock].Get(Index(a.task)) >= a.number;
}

void AccessLog::LinkPlaces() {
  places_.clear();
  next_.assign(accesses_.size(), kNone);
  for (size_t i = accesses_.size(); i-- > 0;) {
    const uint32_t place = accesses_[i].place;
    if (place >= places_.size()) places_.resize(place + 1, kNone);
    next_[i] = places_[place];
    places_[place] = static_cast<uint32_t>(i);
  }
}

void AccessLog::FindLast(const LoggedAccess& read) {
  last_.assign(tasks_.size(), kNone);
  for (uint32_t i = places_[read.place]; i != kNone; i = next_[i]) {
    const LoggedAccess& write = accesses_[i];
    if (write.use.writes && Before(write, read)) last_[Index(write.task)] = i;
  }
}

// True if another write certainly comes between this one and the read of the last FindLast.
bool AccessLog::Overwritten(const LoggedAccess& write) const {
  return std::any_of(last_.begin(), last_.end(), [&](uint32_t last) {
    return last != kNone && Before(write, accesses_[last]);
  });
}

}  // namespace csim
