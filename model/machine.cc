#include "model/machine.h"

#include <cerrno>
#include <new>

#include "model/check.h"
#include "model/operations/common.h"

namespace csim {
namespace {

// What remains of `all` if the task may not time out. The end of a sleep counts as a timeout.
Alternatives WithoutTimeout(const Operation& pending, Alternatives all) {
  if (pending.kind == OpKind::kSleep) return {};
  if (!all.Has(kTimeout)) return all;
  if (all.Has(kNormal)) return {kNormal, 1};
  return all.Has(kSpurious) ? Alternatives{kSpurious, 1} : Alternatives{};
}

uint64_t NameOfChild(TaskState& parent) {
  const uint64_t x = (parent.name * 1000003 + ++parent.children) * 0x9e3779b97f4a7c15u;
  return x ^ x >> 29;
}

}  // namespace

const char* NameOf(Misuse misuse) {
  switch (misuse) {
    case Misuse::kNone: return "none";
    case Misuse::kUnlockNotHeld: return "unlock-not-held";
    case Misuse::kUnlockByOther: return "unlock-by-other";
    case Misuse::kRelock: return "relock";
    case Misuse::kDestroyHeld: return "destroy-held";
    case Misuse::kUseDestroyed: return "use-destroyed";
    case Misuse::kWaitWithoutMutex: return "wait-without-mutex";
    case Misuse::kWaitOtherMutex: return "wait-other-mutex";
    case Misuse::kJoinTwice: return "join-twice";
    case Misuse::kJoinSelf: return "join-self";
  }
  return "unknown";
}

Machine::Machine(std::pmr::memory_resource* memory)
    : memory_(memory),
      tasks_(memory),
      objects_(memory),
      live_(memory),
      processes_(memory),
      own_settings_(memory),
      ends_changes_(memory),
      interests_(memory),
      sem_steps_(memory),
      undos_(memory),
      uses_(memory),
      use_chunks_(memory) {
  Reset(MachineOptions{}, nullptr);
}

Machine::~Machine() {
  for (TaskState* task : tasks_) {
    task->~TaskState();
    memory_->deallocate(task, sizeof(TaskState), alignof(TaskState));
  }
  for (ObjectUse* chunk : use_chunks_) {
    memory_->deallocate(chunk, kUsesInChunk * sizeof(ObjectUse), alignof(ObjectUse));
  }
}

void Machine::Reset(const MachineOptions& options, SyncListener* listener) {
  tasks_used_ = 0;
  objects_used_ = 0;
  ++held_version_;
  live_.clear();
  options_ = options;
  listener_ = listener;
  last_misuse_ = Misuse::kNone;
  misuse_object_ = kNoObject;
  now_ = 0;
  atomic_owner_ = kNoTask;
  atomic_depth_ = 0;
  exposed_ = was_stopped_ = false;
  own_settings_.clear();
  settings_ = &own_settings_;
  processes_.clear();
  processes_.emplace_back();
  processes_[0].group = processes_[0].session = kFirstPid;
  ends_changes_.clear();
  interests_.clear();
  interests_used_ = &interests_;
  sem_steps_.clear();
  steps_used_ = &sem_steps_;
  undos_.clear();
  uses_used_ = 0;
  TaskId main = AddTask(kNoTask);
  task(main).status = TaskStatus::kRunning;
}

ObjectId Machine::AddObject(ObjectKind kind) {
  ObjectId id{static_cast<uint32_t>(objects_used_)};
  if (objects_used_ == objects_.size()) {
    objects_.emplace_back();
  } else {
    objects_[objects_used_] = ObjectState{};
  }
  objects_[objects_used_].kind = kind;
  ++objects_used_;
  return id;
}

void Machine::ChangeEnds(TaskId by, ObjectId channel, int32_t reading, int32_t writing) {
  ends_changes_.push_back({by, task(by).performed, channel, reading, writing});
  RepeatChange(ends_changes_.back());
}

void Machine::RepeatChange(const EndsChange& change) {
  ObjectState& state = object(change.object);
  state.readers += static_cast<uint32_t>(change.reading);
  state.writers += static_cast<uint32_t>(change.writing);
  if (change.writing < 0) ++state.generation;
  if (change.reading < 0 || change.writing < 0) NoteChange(change.object);
}

TaskId Machine::AddTask(TaskId parent) {
  CSIM_CHECK(tasks_used_ < Index(kNoTask));
  TaskId id{static_cast<uint16_t>(tasks_used_)};
  if (tasks_used_ == tasks_.size()) {
    void* storage = memory_->allocate(sizeof(TaskState), alignof(TaskState));
    tasks_.push_back(new (storage) TaskState(memory_));
  }
  TaskState& task = *tasks_[tasks_used_++];
  task.id = id;
  task.status = TaskStatus::kNew;
  task.detached = task.joined = task.cancel_requested = task.cancelable = false;
  task.disturbed = task.killed = false;
  task.exposed = exposed_;
  task.blocked = parent == kNoTask ? 0 : this->task(parent).blocked;
  task.signals = 0;
  task.process = parent == kNoTask ? kMainProcess : this->task(parent).process;
  task.parent = parent;
  task.name = parent == kNoTask ? 1 : NameOfChild(this->task(parent));
  task.children = 0;
  task.next_waiter = kNoTask;
  task.created_at = kNoSite;
  task.created_stack = kNoStack;
  task.held.clear();
  task.performed = 0;
  task.effects = 0;
  task.found = task.left = task.faced = 0;
  task.thread_object = AddObject(ObjectKind::kThread);
  object(task.thread_object).owner = id;
  live_.push_back(id);
  return id;
}

void Machine::SetPending(TaskId id, const Operation& operation) {
  TaskState& state = task(id);
  CSIM_CHECK(state.status == TaskStatus::kRunning);
  last_misuse_ = Misuse::kNone;
  state.pending = operation;
  state.status = TaskStatus::kPending;
  if (state.exposed) [[unlikely]]
    SetReach(state);
  if (operation.object == kNoObject) return;
  ReportRelock(state);
  if (object(operation.object).destroyed) ReportMisuse(Misuse::kUseDestroyed, operation.object);
}

void Machine::ReportRelock(const TaskState& task) {
  const ObjectState& lock = object(task.pending.object);
  bool relock = false;
  switch (task.pending.kind) {
    case OpKind::kMutexLock:
    case OpKind::kMutexTimedLock:
      relock = lock.owner == task.id && lock.mutex_type == MutexType::kNormal;
      break;
    case OpKind::kSpinLock: relock = lock.owner == task.id; break;
    case OpKind::kOnceBegin: relock = lock.once_state == 1 && lock.owner == task.id; break;
    case OpKind::kReadLock:
    case OpKind::kReadTimedLock: relock = lock.owner == task.id; break;
    case OpKind::kWriteLock:
    case OpKind::kWriteTimedLock: relock = FindHeld(task.id, task.pending.object) != nullptr; break;
    default: break;
  }
  if (relock) ReportMisuse(Misuse::kRelock, task.pending.object);
}

Alternatives Machine::EnabledOf(TaskId id) const {
  const TaskState& state = task(id);
  if (state.status != TaskStatus::kPending) return {};
  if (atomic_owner_ != kNoTask && atomic_owner_ != id) return {};
  if (state.disturbed) [[unlikely]] {
    if (process(state.process).stopped) return {};
    if (Interruptible(state)) return {kNormal, operations::MayComeBefore(*this, state) ? 2u : 1u};
  }
  if (state.cancelable && state.cancel_requested) return {kNormal, 1};
  if (state.pending.spin != Spin::kNone) [[unlikely]] {
    if (state.pending.spin == Spin::kVain || WatchUnchanged(state)) return {};
  }
  const OperationRow& row = RowOf(state.pending.kind);
  if (row.enabled == &operations::Always) return {kNormal, 1};  // most are
  Alternatives all = row.enabled(*this, state);
  if (options_.timeouts_any || state.pending.deadline == kNoDeadline) return all;
  Alternatives untimed = WithoutTimeout(state.pending, all);
  if (untimed.count == all.count || untimed.Has(kNormal)) return untimed;
  return NextTimeout() == id ? all : untimed;
}

bool Machine::WatchUnchanged(const TaskState& state) const {
  for (const Watched& watched : state.watch) {
    if (object(watched.object).changes != watched.changes) return false;
  }
  return true;
}

TaskId Machine::NextTimeout() const {
  TaskId earliest = kNoTask;
  for (TaskId id : live_) {
    const TaskState& state = task(id);
    if (state.status != TaskStatus::kPending) continue;
    if (atomic_owner_ != kNoTask && atomic_owner_ != id) continue;
    if (state.cancelable && state.cancel_requested) return kNoTask;
    if (state.disturbed && process(state.process).stopped) continue;
    if (state.disturbed && Interruptible(state)) return kNoTask;  // a handler is about to run
    if (state.pending.spin == Spin::kVain || SpinsInVain(state)) continue;
    Alternatives all = RowOf(state.pending.kind).enabled(*this, state);
    // A wake-up without a reason is nothing that time waits for.
    Alternatives untimed = WithoutTimeout(state.pending, all);
    bool spurious = untimed.first == kSpurious && untimed.count == 1;
    if (untimed.Any() && !spurious) return kNoTask;
    if (untimed.count == all.count) continue;
    if (earliest == kNoTask || state.pending.deadline < task(earliest).pending.deadline) {
      earliest = id;
    }
  }
  return earliest;
}

OpResult Machine::Execute(TaskId id, uint32_t alternative) {
  TaskState& state = task(id);
  CSIM_CHECK(EnabledOf(id).Has(alternative));
  last_misuse_ = Misuse::kNone;
  ++state.performed;
  executing_ = id;
  OpResult result;
  if (state.disturbed && Interruptible(state)) [[unlikely]] {
    result = Interrupt(state);
    if (alternative == operations::kBeforeWait) result.error = 0;
  } else if (state.cancelable && state.cancel_requested) {
    result = CancelPending(state);
  } else {
    result = RowOf(state.pending.kind).execute(*this, state, alternative);
    if (result.error == EBUSY && state.pending.object != kNoObject) {
      object(state.pending.object).tried = true;
    }
  }
  executing_ = kNoTask;
  if (!result.blocked && state.status != TaskStatus::kFinished) {
    state.status = TaskStatus::kRunning;
    state.cancelable = false;
  }
  return result;
}

OpResult Machine::CancelPending(TaskState& state) {
  Operation& pending = state.pending;
  state.cancelable = false;
  if (pending.object != kNoObject) RemoveWaiter(object(pending.object), state.id);
  if (pending.kind != OpKind::kCondBlocked) return {.error = ECANCELED};
  pending.kind = OpKind::kCondRelock;
  pending.argument = ECANCELED;
  pending.deadline = kNoDeadline;
  return {.blocked = true};
}

void Machine::Finish(TaskId id) {
  TaskState& state = task(id);
  CSIM_CHECK(state.status == TaskStatus::kRunning);
  last_misuse_ = Misuse::kNone;
  state.pending = Operation{.kind = OpKind::kThreadExit, .object = state.thread_object};
  RowOf(OpKind::kThreadExit).execute(*this, state, kNormal);
}

void Machine::EndTask(TaskState& state) {
  state.status = TaskStatus::kFinished;
  if (atomic_owner_ == state.id) {
    atomic_owner_ = kNoTask;
    atomic_depth_ = 0;
  }
  for (auto it = live_.begin(); it != live_.end(); ++it) {
    if (*it != state.id) continue;
    live_.erase(it);
    return;
  }
}

const HeldLock* Machine::FindHeld(TaskId id, ObjectId object) const {
  for (const HeldLock& held : task(id).held) {
    if (held.object == object) return &held;
  }
  return nullptr;
}

void Machine::Enqueue(ObjectState& object, TaskState& state) {
  state.next_waiter = kNoTask;
  if (object.first_waiter == kNoTask) {
    object.first_waiter = state.id;
  } else {
    task(object.last_waiter).next_waiter = state.id;
  }
  object.last_waiter = state.id;
  ++object.waiters;
}

TaskId Machine::Dequeue(ObjectState& object) {
  TaskId first = object.first_waiter;
  if (first == kNoTask) return kNoTask;
  object.first_waiter = task(first).next_waiter;
  if (object.first_waiter == kNoTask) object.last_waiter = kNoTask;
  task(first).next_waiter = kNoTask;
  --object.waiters;
  return first;
}

void Machine::RemoveWaiter(ObjectState& object, TaskId id) {
  TaskId before = kNoTask;
  TaskId at = object.first_waiter;
  while (at != kNoTask && at != id) {
    before = at;
    at = task(at).next_waiter;
  }
  if (at == kNoTask) return;
  TaskId after = task(at).next_waiter;
  if (before == kNoTask) {
    object.first_waiter = after;
  } else {
    task(before).next_waiter = after;
  }
  if (object.last_waiter == id) object.last_waiter = before;
  task(at).next_waiter = kNoTask;
  --object.waiters;
}

void Machine::PushHeld(TaskState& task, ObjectId id, LockMode mode) {
  object(id).last_site = task.pending.site;
  ++held_version_;
  for (HeldLock& held : task.held) {
    if (held.object != id) continue;
    ++held.depth;
    return;
  }
  task.held.push_back(HeldLock{id, mode, 1, task.pending.site, task.pending.stack, task.effects});
}

void Machine::PopHeld(TaskState& task, ObjectId id) {
  for (size_t i = task.held.size(); i-- > 0;) {
    if (task.held[i].object != id) continue;
    ++held_version_;
    if (--task.held[i].depth != 0) return;
    ObjectState& lock = object(id);
    if (lock.tried || task.held[i].effects != task.effects) ++lock.changes;
    lock.tried = false;
    task.held.erase(task.held.begin() + static_cast<ptrdiff_t>(i));
    return;
  }
}

void Machine::ReportMisuse(Misuse misuse, ObjectId object) {
  last_misuse_ = misuse;
  misuse_object_ = object;
}

void Machine::AdvanceTo(uint64_t deadline) {
  if (deadline != kNoDeadline && deadline > now_) now_ = deadline;
}

}  // namespace csim
