#include "checker/prediction/history.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>

#include "model/operation.h"

namespace csim {
namespace {

OpKind KindNamed(std::string_view name) {
  static const std::map<std::string_view, OpKind> kKinds = [] {
    std::map<std::string_view, OpKind> kinds;
    for (int i = 0; i < static_cast<int>(OpKind::kCount); ++i) {
      const auto kind = static_cast<OpKind>(i);
      kinds[RowOf(kind).name] = kind;
    }
    return kinds;
  }();
  const auto it = kKinds.find(name);
  return it == kKinds.end() ? OpKind::kCount : it->second;
}

// What an operation does to the order of things.
enum class Role : uint8_t {
  kNothing,   // nobody else notices
  kAcquires,  // if it succeeds
  kReleases,
  kCreates,
  kStarts,
  kJoins,
  kAccess,  // of memory, with its access in Trace::accesses
  kObject,  // keeps its place among all operations on its objects
  kAll,     // keeps its place among all operations
};

struct Rule {
  Role role = Role::kAll;
  bool shared = false;
};

Rule RuleOf(OpKind kind) {
  switch (kind) {
    case OpKind::kYield:
    case OpKind::kSleep:
    case OpKind::kChoose:
    case OpKind::kFence:
    case OpKind::kOutput:
    case OpKind::kThreadExit:
    case OpKind::kThreadDetach: return {Role::kNothing};
    case OpKind::kThreadCreate: return {Role::kCreates};
    case OpKind::kThreadStart: return {Role::kStarts};
    case OpKind::kThreadJoin: return {Role::kJoins};
    case OpKind::kMutexLock:
    case OpKind::kMutexTryLock:
    case OpKind::kMutexTimedLock:
    case OpKind::kCondRelock:
    case OpKind::kWriteLock:
    case OpKind::kWriteTryLock:
    case OpKind::kWriteTimedLock:
    case OpKind::kWriteBlocked:
    case OpKind::kSpinLock:
    case OpKind::kSpinTryLock: return {Role::kAcquires};
    case OpKind::kReadLock:
    case OpKind::kReadTryLock:
    case OpKind::kReadTimedLock:
    case OpKind::kReadBlocked: return {Role::kAcquires, true};
    case OpKind::kMutexUnlock:
    case OpKind::kCondWait:
    case OpKind::kRwUnlock:
    case OpKind::kSpinUnlock: return {Role::kReleases};
    case OpKind::kAtomicLoad:
    case OpKind::kAtomicStore:
    case OpKind::kAtomicRmw:
    case OpKind::kAtomicCas:
    case OpKind::kPlainRead:
    case OpKind::kPlainWrite: return {Role::kAccess};
    default: break;
  }
  const ObjectKind object = RowOf(kind).object;
  const bool alone = object == ObjectKind::kCondition || object == ObjectKind::kSemaphore ||
                     object == ObjectKind::kBarrier || object == ObjectKind::kOnce ||
                     object == ObjectKind::kFutex || object == ObjectKind::kPipe ||
                     object == ObjectKind::kSocket || object == ObjectKind::kQueue ||
                     object == ObjectKind::kCounter || object == ObjectKind::kMutex ||
                     object == ObjectKind::kRwLock;
  return {alone ? Role::kObject : Role::kAll};
}

// Puts the lists of a trace together.
class Builder {
 public:
  Builder(const Trace& trace, size_t most) : trace_(trace), most_(most) {}

  History Build() {
    FindSharedMemory();
    history_.of_task.resize(trace_.tasks.size());
    all_before_.assign(trace_.tasks.size(), kNone);
    size_t access = 0;
    for (size_t i = 0; i < trace_.events.size() && !Full(); ++i) {
      for (; access < trace_.accesses.size() && trace_.accesses[access].events <= i; ++access) {
        AddPlain(access);
      }
      AddOperation(i);
      const auto own = [&](const TraceAccess& a) {
        return a.events == i + 1 && a.is_atomic && a.task == trace_.events[i].task;
      };
      for (; access < trace_.accesses.size() && own(trace_.accesses[access]); ++access) {
        SetAccess(last_, access);
      }
    }
    for (; access < trace_.accesses.size() && !Full(); ++access) AddPlain(access);
    return std::move(history_);
  }

 private:
  struct Use {
    int task = kNone;
    bool several = false;
    bool written = false;
  };
  struct LastWrite {
    int event;
    uint8_t mask;
  };
  struct Hold {
    int depth = 0;
    int acquire = kNone;
  };

  bool Full() const { return history_.events.size() >= most_; }

  void FindSharedMemory() {
    for (const TraceAccess& a : trace_.accesses) {
      Use& use = uses_[a.granule];
      if (use.task != kNone && use.task != a.task) use.several = true;
      use.task = a.task;
      use.written |= a.is_write;
    }
  }

  HistoryEvent& Add(int task) {
    auto& mine = history_.of_task[static_cast<size_t>(task)];
    HistoryEvent event;
    event.task = task;
    event.previous = mine.empty() ? kNone : mine.back();
    last_ = static_cast<int>(history_.events.size());
    mine.push_back(last_);
    history_.events.push_back(event);
    history_.accesses.emplace_back();
    std::vector<HeldAt> held;
    for (const auto& [key, hold] : holds_) {
      if (key.first == task) held.push_back({key.second, IsShared(hold.acquire), hold.acquire});
    }
    history_.held.push_back(std::move(held));
    return history_.events.back();
  }

  bool IsShared(int acquire) const { return history_.events[static_cast<size_t>(acquire)].shared; }

  void AddPlain(size_t access) {
    const TraceAccess& a = trace_.accesses[access];
    const Use& use = uses_[a.granule];
    if (a.is_atomic || a.task < 0 || !use.several || !use.written) return;
    Add(a.task);
    SetAccess(last_, access);
  }

  void SetAccess(int event, size_t access) {
    const TraceAccess& a = trace_.accesses[access];
    HistoryEvent& e = At(event);
    e.access = static_cast<int>(access);
    history_.accesses[static_cast<size_t>(event)] = a;
    e.is_write = a.is_write;
    const bool only_writes =
        e.operation != kNone && trace_.events[static_cast<size_t>(e.operation)].operation ==
                                    RowOf(OpKind::kAtomicStore).name;
    e.is_read = !a.is_write || (a.is_atomic && !only_writes);
    auto& writes = writes_[a.granule];
    if (e.is_read) {
      uint8_t missing = a.mask;
      for (auto it = writes.rbegin(); it != writes.rend() && missing != 0; ++it) {
        if ((it->mask & missing) == 0) continue;
        e.sources.push_back(it->event);
        missing = static_cast<uint8_t>(missing & ~it->mask);
      }
    }
    if (!e.is_write) return;
    for (LastWrite& w : writes) w.mask = static_cast<uint8_t>(w.mask & ~a.mask);
    std::erase_if(writes, [](const LastWrite& w) { return w.mask == 0; });
    writes.push_back({event, a.mask});
  }

  HistoryEvent& At(int event) { return history_.events[static_cast<size_t>(event)]; }

  void Need(int event, int needed) {
    if (needed == kNone || At(needed).task == At(event).task) return;
    At(event).needs.push_back(needed);
  }

  // Behind the last operation on the object.
  void KeepPlace(int event, int object) {
    if (object < 0) return;
    const auto [it, first] = last_on_.try_emplace(object, event);
    if (first) return;
    Need(event, it->second);
    it->second = event;
  }

  // An operation on a lock: free to change places, unless somebody has seen who had it.
  void Touch(int event, int lock) {
    if (exact_.count(lock) != 0) return KeepPlace(event, lock);
    last_on_[lock] = event;
  }

  void KeepPlaceAmongAll(int event) {
    for (size_t t = 0; t < history_.of_task.size(); ++t) {
      const auto& events = history_.of_task[t];
      if (!events.empty()) Need(event, events.back());
      all_before_[t] = event;
    }
  }

  void AddOperation(size_t index) {
    const TraceEvent& e = trace_.events[index];
    if (e.task < 0 || static_cast<size_t>(e.task) >= trace_.tasks.size()) return;
    const OpKind kind = KindNamed(e.operation);
    const Rule rule = kind == OpKind::kCount ? Rule{} : RuleOf(kind);
    Add(e.task).operation = static_cast<int>(index);
    const int event = last_;
    Need(event, all_before_[static_cast<size_t>(e.task)]);
    switch (rule.role) {
      case Role::kNothing: break;
      case Role::kAccess: break;
      case Role::kAcquires: Acquires(event, e, kind, rule.shared); break;
      case Role::kReleases:
        if (kind == OpKind::kCondWait) KeepPlace(event, e.object);
        if (!Release(event, kind == OpKind::kCondWait ? e.object2 : e.object)) {
          KeepPlace(event, e.object);
        }
        break;
      case Role::kCreates:
        created_[static_cast<int>(e.value)] = event;
        thread_of_[e.object] = static_cast<int>(e.value);
        break;
      case Role::kStarts: Starts(event); break;
      case Role::kJoins: Joins(event, e); break;
      case Role::kObject:
        KeepPlace(event, e.object);
        KeepPlace(event, e.object2);
        break;
      case Role::kAll: KeepPlaceAmongAll(event); break;
    }
  }

  void Acquires(int event, const TraceEvent& e, OpKind kind, bool shared) {
    const bool relock = kind == OpKind::kCondRelock;
    if (relock) KeepPlace(event, e.object);
    const bool took = !e.blocked && (e.error == 0 || e.error == EOWNERDEAD || relock) &&
                      (e.alternative == kNormal || relock);
    const int lock = relock ? e.object2 : e.object;
    if (!took) {  // what it found depends on who had the lock
      KeepPlace(event, lock);
      exact_.insert(lock);
      return;
    }
    Touch(event, lock);
    Hold& hold = holds_[{e.task, lock}];
    if (hold.depth++ > 0) return;
    hold.acquire = event;
    At(event).action = LockAction::kAcquire;
    At(event).shared = shared;
    At(event).lock = lock;
  }

  bool Release(int event, int lock) {
    const TraceEvent& e = trace_.events[static_cast<size_t>(At(event).operation)];
    const auto it = holds_.find({e.task, lock});
    if (it == holds_.end() || it->second.depth == 0) return false;
    Touch(event, lock);
    if (--it->second.depth > 0) return true;
    At(event).action = LockAction::kRelease;
    At(event).shared = IsShared(it->second.acquire);
    At(event).lock = lock;
    At(event).partner = it->second.acquire;
    At(it->second.acquire).partner = event;
    holds_.erase(it);
    return true;
  }

  void Starts(int event) {
    const auto it = created_.find(At(event).task);
    if (it != created_.end()) Need(event, it->second);
  }

  void Joins(int event, const TraceEvent& e) {
    const auto it = thread_of_.find(e.object);
    const bool known = it != thread_of_.end() && it->second >= 0 &&
                       static_cast<size_t>(it->second) < history_.of_task.size();
    if (!known) return KeepPlaceAmongAll(event);
    const auto& events = history_.of_task[static_cast<size_t>(it->second)];
    if (!events.empty()) Need(event, events.back());
  }

  const Trace& trace_;
  size_t most_;
  History history_;
  int last_ = kNone;
  std::unordered_map<uint64_t, Use> uses_;
  std::unordered_map<uint64_t, std::vector<LastWrite>> writes_;  // what each granule holds now
  std::map<std::pair<int, int>, Hold> holds_;                    // by task and lock
  std::set<int> exact_;                     // locks of which somebody saw who had them
  std::unordered_map<int, int> last_on_;    // object: last event
  std::unordered_map<int, int> created_;    // task: the event that created it
  std::unordered_map<int, int> thread_of_;  // thread object: task
  std::vector<int> all_before_;             // by task: the last event of role kAll
};

}  // namespace

History MakeHistory(const Trace& trace, size_t most) {
  if (trace.tasks.empty()) return {};  // it was stopped before it began
  return Builder(trace, most).Build();
}

bool Conflicts(const TraceAccess& a, const TraceAccess& b) {
  return a.granule == b.granule && (a.mask & b.mask) != 0 && (a.is_write || b.is_write) &&
         !(a.is_atomic && b.is_atomic);
}

}  // namespace csim
