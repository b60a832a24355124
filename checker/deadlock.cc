#include "checker/deadlock.h"

#include <algorithm>

namespace csim {
namespace {

constexpr uint32_t kMaxCycle = 64;

// The lock that the pending operation wants, kNoObject if it is none.
ObjectId WantedLock(const Operation& pending) {
  switch (pending.kind) {
    case OpKind::kMutexLock:
    case OpKind::kMutexTimedLock:
    case OpKind::kSpinLock:
    case OpKind::kOnceBegin:
    case OpKind::kReadLock:
    case OpKind::kReadTimedLock:
    case OpKind::kReadBlocked:
    case OpKind::kWriteLock:
    case OpKind::kWriteTimedLock:
    case OpKind::kWriteBlocked: return pending.object;
    case OpKind::kCondRelock: return pending.object2;
    default: return kNoObject;
  }
}

bool IsJoin(OpKind kind) { return kind == OpKind::kThreadJoin || kind == OpKind::kThreadTimedJoin; }

// A task of the process that has not ended; its main task if it can.
TaskId LiveTaskOf(const Machine& m, const ProcessState& process) {
  if (m.task(process.main).status != TaskStatus::kFinished) return process.main;
  for (TaskId task : m.live_tasks()) {
    if (m.task(task).process == process.id) return task;
  }
  return process.main;
}

// The children that a wait waits for: any of them would do.
template <typename Visit>
bool AnyChild(const Machine& m, const TaskState& waiter, Visit visit) {
  const ProcessFilter filter = ProcessFilter::Decode(waiter.pending.argument);
  for (uint32_t i = 1; i < m.process_count(); ++i) {
    const ProcessState& child = m.process(ProcessId{static_cast<uint16_t>(i)});
    if (child.parent != waiter.process || child.ended) continue;
    if (filter.which == ProcessFilter::kPid && m.PidOf(child.id) != filter.number) continue;
    if (filter.which == ProcessFilter::kGroup && child.group != filter.number) continue;
    if (visit(LiveTaskOf(m, child), nullptr)) return true;
  }
  return false;
}

// Whether the task can go on only if somebody else does something.
bool Waits(const Machine& m, TaskId task) {
  const TaskState& state = m.task(task);
  bool timed = state.pending.deadline != kNoDeadline && state.pending.spin == Spin::kNone;
  return state.status == TaskStatus::kPending && !timed && !m.EnabledOf(task).Any();
}

// ---- Blockers: visit(task, held) is called for each task that keeps another from going on; held
// is null where that task holds no lock (it has not ended, or is queued before). They stop when
// visit returns true, and then return true. ----

template <typename Visit>
bool AnyReaderInside(const Machine& m, ObjectId lock, Visit visit) {
  if (m.object(lock).count == 0) return false;
  for (uint32_t i = 0; i < m.task_count(); ++i) {
    TaskId reader{static_cast<uint16_t>(i)};
    const HeldLock* held = m.FindHeld(reader, lock);
    if (held != nullptr && visit(reader, held)) return true;
  }
  return false;
}

// The tasks queued on an rwlock that come before `waiter`, which is queued too.
template <typename Visit>
bool AnyQueuedBefore(const Machine& m, const TaskState& waiter, Visit visit) {
  ObjectId lock = waiter.pending.object;
  bool fair = m.rw_policy(lock) == RwPolicy::kFair;
  bool reads = waiter.pending.kind == OpKind::kReadBlocked;
  bool behind = false;  // the waiter itself has been passed
  for (TaskId at = m.object(lock).first_waiter; at != kNoTask; at = m.task(at).next_waiter) {
    behind |= at == waiter.id;
    if (at == waiter.id || (behind && (fair || !reads))) continue;
    bool writer = m.task(at).pending.kind == OpKind::kWriteBlocked;
    bool first = writer || (fair && !reads);
    if (first && visit(at, nullptr)) return true;
  }
  return false;
}

template <typename Visit>
bool AnyBlocker(const Machine& m, TaskId id, Visit visit) {
  const TaskState& waiter = m.task(id);
  OpKind kind = waiter.pending.kind;
  if (m.SpinsInVain(waiter) || m.GaveUp(waiter)) return false;
  if (IsJoin(kind)) return visit(m.object(waiter.pending.object).owner, nullptr);
  if (kind == OpKind::kWaitProcess) return AnyChild(m, waiter, visit);
  ObjectId lock = WantedLock(waiter.pending);
  if (lock == kNoObject) return false;
  TaskId owner = m.object(lock).owner;
  if (owner != kNoTask && visit(owner, m.FindHeld(owner, lock))) return true;
  bool writes = kind == OpKind::kWriteLock || kind == OpKind::kWriteBlocked;
  if (writes && AnyReaderInside(m, lock, visit)) return true;
  bool queued = kind == OpKind::kReadBlocked || kind == OpKind::kWriteBlocked;
  return queued && AnyQueuedBefore(m, waiter, visit);
}

WaitReason ReasonWithoutHolder(const Operation& pending) {
  if (pending.spin != Spin::kNone) return WaitReason::kSpins;
  switch (pending.kind) {
    case OpKind::kBarrierBlocked: return WaitReason::kNotAllArrived;
    case OpKind::kSleep: return WaitReason::kForever;
    case OpKind::kPause:
    case OpKind::kSignalWait: return WaitReason::kNoSignal;
    case OpKind::kWaitProcess: return WaitReason::kNotEnded;
    case OpKind::kCondBlocked:
    case OpKind::kFutexBlocked:
    case OpKind::kSemWait:
    case OpKind::kSemAdjust:
    case OpKind::kFileLock:
    case OpKind::kSemTimedWait: return WaitReason::kNobodySignals;
    case OpKind::kChannelRead: return WaitReason::kNothingToRead;
    case OpKind::kChannelWrite: return WaitReason::kNoRoom;
    case OpKind::kPoll:
    case OpKind::kPollMany:
    case OpKind::kPollSignals: return WaitReason::kNothingReady;
    default: return WaitReason::kAtomicBlock;
  }
}

WaitReason ReasonOf(const Machine& m, TaskId waiter, TaskId holder, const HeldLock* held) {
  const OpKind kind = m.task(waiter).pending.kind;
  if (IsJoin(kind) || kind == OpKind::kWaitProcess) return WaitReason::kNotEnded;
  const ObjectId lock = WantedLock(m.task(waiter).pending);
  if (held == nullptr) {
    return m.object(lock).owner == holder ? WaitReason::kHeldElsewhere : WaitReason::kQueued;
  }
  if (holder == waiter) return WaitReason::kHeldBySelf;
  bool ended = m.task(holder).status == TaskStatus::kFinished;
  return ended ? WaitReason::kOwnerEnded : WaitReason::kHeld;
}

Wait WaitOf(const Machine& m, TaskId task) {
  const Operation& pending = m.task(task).pending;
  ObjectId lock = WantedLock(pending);
  return {.task = task,
          .operation = pending.kind,
          .object = lock != kNoObject ? lock : pending.object,
          .site = pending.site,
          .stack = pending.stack,
          .reason = ReasonWithoutHolder(pending)};
}

bool AtChannel(WaitReason reason) {
  return reason == WaitReason::kNothingToRead || reason == WaitReason::kNoRoom;
}

void AddWaits(const Machine& m, TaskId task, const ChannelUsers* users,
              std::pmr::vector<Wait>& waits) {
  Wait wait = WaitOf(m, task);
  size_t before = waits.size();
  AnyBlocker(m, task, [&](TaskId holder, const HeldLock* held) {
    wait.holder = holder;
    wait.reason = ReasonOf(m, task, holder, held);
    const HeldLock none;
    if (held == nullptr) held = &none;
    wait.holder_mode = held->mode;
    wait.held_site = held->site;
    wait.held_stack = held->stack;
    if (wait.reason == WaitReason::kHeldElsewhere) wait.held_site = m.object(wait.object).last_site;
    waits.push_back(wait);
    return false;
  });
  if (waits.size() != before) return;
  if (wait.reason == WaitReason::kAtomicBlock) wait.holder = m.atomic_owner();
  if (users != nullptr && AtChannel(wait.reason)) {
    wait.holder = users->OnlyOther(wait.object, wait.reason == WaitReason::kNothingToRead, task);
  }
  waits.push_back(wait);
}

// Depth-first search for a way from tasks to themselves along the waits.
class CycleFinder {
 public:
  explicit CycleFinder(Deadlock& deadlock) : deadlock_(deadlock) {}

  // Leaves a cycle through `start` in deadlock.cycle if there is one.
  bool Find(TaskId start) {
    deadlock_.cycle.clear();
    return Extend(start, start);
  }

 private:
  bool Extend(TaskId start, TaskId at) {
    deadlock_.cycle.push_back(at);
    for (const Wait& wait : deadlock_.waits) {
      if (wait.task != at || wait.holder == kNoTask) continue;
      if (wait.holder == start) return true;
      bool seen = std::find(deadlock_.cycle.begin(), deadlock_.cycle.end(), wait.holder) !=
                  deadlock_.cycle.end();
      if (!seen && deadlock_.cycle.size() < kMaxCycle && Extend(start, wait.holder)) return true;
    }
    deadlock_.cycle.pop_back();
    return false;
  }

  Deadlock& deadlock_;
};

void FindCycle(Deadlock& deadlock) {
  CycleFinder finder(deadlock);
  for (const Wait& wait : deadlock.waits) {
    if (finder.Find(wait.task)) break;
  }
  for (Wait& wait : deadlock.waits) {
    wait.in_cycle =
        std::find(deadlock.cycle.begin(), deadlock.cycle.end(), wait.task) != deadlock.cycle.end();
  }
}

// Looks for a way from a task to itself through tasks that wait for each other.
class LockCycleSearch {
 public:
  LockCycleSearch(const Machine& m, TaskId goal) : m_(m), goal_(goal) {}

  bool Leads(TaskId at) {
    if (Seen(at) || seen_count_ == kMaxCycle) return false;
    seen_[seen_count_++] = at;
    if (!Waits(m_, at) || m_.task(at).cancelable) return false;
    if (m_.task(at).pending.kind == OpKind::kWaitProcess) return false;  // any child would do
    return AnyBlocker(m_, at, [&](TaskId blocker, const HeldLock*) {
      return blocker == goal_ || Leads(blocker);
    });
  }

 private:
  bool Seen(TaskId task) const {
    return std::find(seen_, seen_ + seen_count_, task) != seen_ + seen_count_;
  }

  const Machine& m_;
  TaskId goal_;
  TaskId seen_[kMaxCycle];
  uint32_t seen_count_ = 0;
};

}  // namespace

const char* NameOf(WaitReason reason) {
  switch (reason) {
    case WaitReason::kHeld: return "held";
    case WaitReason::kHeldBySelf: return "held-by-self";
    case WaitReason::kOwnerEnded: return "owner-ended";
    case WaitReason::kHeldElsewhere: return "held-elsewhere";
    case WaitReason::kNoSignal: return "no-signal";
    case WaitReason::kQueued: return "queued";
    case WaitReason::kNobodySignals: return "nobody-signals";
    case WaitReason::kNotAllArrived: return "not-all-arrived";
    case WaitReason::kNotEnded: return "not-ended";
    case WaitReason::kAtomicBlock: return "atomic-block";
    case WaitReason::kForever: return "forever";
    case WaitReason::kNothingToRead: return "nothing-to-read";
    case WaitReason::kNoRoom: return "no-room";
    case WaitReason::kNothingReady: return "nothing-ready";
    case WaitReason::kSpins: return "spins";
  }
  return "unknown";
}

void FindDeadlock(const Machine& m, Deadlock& deadlock, const ChannelUsers* users) {
  deadlock.waits.clear();
  deadlock.cycle.clear();
  for (TaskId task : m.live_tasks()) {
    if (Waits(m, task)) AddWaits(m, task, users, deadlock.waits);
  }
  FindCycle(deadlock);
}

bool InLockCycle(const Machine& m, TaskId task) {
  if (m.atomic_owner() != kNoTask) return false;
  return LockCycleSearch(m, task).Leads(task);
}

}  // namespace csim
