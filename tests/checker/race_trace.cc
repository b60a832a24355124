#include "tests/checker/race_trace.h"

#include <array>
#include <bitset>

namespace csim {
namespace {

constexpr int kMaxEvents = 256;
using EventSet = std::bitset<kMaxEvents>;

// Builds for each event the set of events that happen before it.
class HappensBeforeGraph {
 public:
  explicit HappensBeforeGraph(const RaceTrace& trace) : trace_(trace), before_(trace.size()) {
    for (int i = 0; i < static_cast<int>(trace.size()); ++i) AddEvent(i);
  }
  bool Before(int a, int b) const { return before_[b][a]; }

 private:
  void Edge(int from, int to) {
    before_[to] |= before_[from];
    before_[to].set(from);
  }
  const RaceEvent& At(int i) const { return trace_[static_cast<size_t>(i)]; }

  void AddEvent(int i) {
    const RaceEvent& event = At(i);
    for (int j = 0; j < i; ++j) {
      if (At(j).task == event.task) Edge(j, i);
      if (Gives(At(j), event)) Edge(j, i);
    }
    bool reads = event.kind == EventKind::kLoad || event.kind == EventKind::kRmw;
    if (reads && IsAcquire(event.order)) ReadsFrom(i, i);
    if (event.kind == EventKind::kFence && IsAcquire(event.order)) {
      for (int load = 0; load < i; ++load) {
        bool earlier = At(load).task == event.task &&
                       (At(load).kind == EventKind::kLoad || At(load).kind == EventKind::kRmw);
        if (earlier) ReadsFrom(load, i);
      }
    }
  }

  // Locks, fork and join.
  static bool Gives(const RaceEvent& from, const RaceEvent& to) {
    bool same = from.target == to.target;
    switch (to.kind) {
      case EventKind::kAcquire: return same && from.kind == EventKind::kRelease;
      case EventKind::kAcquireAll:
        return same && (from.kind == EventKind::kRelease || from.kind == EventKind::kReleaseShared);
      case EventKind::kJoin: return from.task == to.target;
      default: break;
    }
    return from.kind == EventKind::kFork && from.target == to.task;
  }

  // What `load` reads reaches `to`: everything that heads a release sequence of the value read.
  void ReadsFrom(int load, int to) {
    for (int i = load - 1; i >= 0; --i) {
      const RaceEvent& event = At(i);
      if (event.kind != EventKind::kStore && event.kind != EventKind::kRmw) continue;
      if (event.target != At(load).target || event.mask != At(load).mask) continue;
      if (IsRelease(event.order)) Edge(i, to);
      for (int fence = 0; fence < i; ++fence) {
        const RaceEvent& f = At(fence);
        if (f.kind == EventKind::kFence && f.task == event.task && IsRelease(f.order)) {
          Edge(fence, to);
        }
      }
      if (event.kind == EventKind::kStore) return;
    }
  }

  const RaceTrace& trace_;
  std::vector<EventSet> before_;
};

const char* const kNames[] = {"read",  "write",   "load",    "store",          "rmw",
                              "fence", "acquire", "release", "release-shared", "acquire-all",
                              "fork",  "end",     "join"};

}  // namespace

void PrintTo(const RaceEvent& event, std::ostream* os) {
  *os << "T" << event.task << " " << kNames[static_cast<int>(event.kind)] << " " << event.target
      << " mask " << int{event.mask} << " order " << static_cast<int>(event.order) << " site "
      << event.site;
}

bool IsAccess(EventKind kind) { return kind <= EventKind::kRmw; }
bool IsAtomicEvent(EventKind kind) { return kind >= EventKind::kLoad && kind <= EventKind::kRmw; }

AccessKind AccessKindOf(EventKind kind) {
  switch (kind) {
    case EventKind::kRead: return AccessKind::kPlainRead;
    case EventKind::kWrite: return AccessKind::kPlainWrite;
    case EventKind::kLoad: return AccessKind::kAtomicRead;
    default: return AccessKind::kAtomicWrite;
  }
}

NaiveRaces FindRacesNaively(const RaceTrace& trace) {
  HappensBeforeGraph graph(trace);
  NaiveRaces races;
  for (int j = 0; j < static_cast<int>(trace.size()); ++j) {
    for (int i = 0; i < j; ++i) {
      const RaceEvent& a = trace[static_cast<size_t>(i)];
      const RaceEvent& b = trace[static_cast<size_t>(j)];
      if (!IsAccess(a.kind) || !IsAccess(b.kind) || a.target != b.target) continue;
      if ((a.mask & b.mask) == 0) continue;
      if (!Conflict(AccessKindOf(a.kind), AccessKindOf(b.kind)) || graph.Before(i, j)) continue;
      races.pairs.insert({a.target, a.site, AccessKindOf(a.kind), b.site, AccessKindOf(b.kind)});
      int& first = races.first[static_cast<size_t>(a.target)];
      if (first < 0) first = j;
    }
  }
  return races;
}

namespace {

class Generator {
 public:
  Generator(std::mt19937_64& random, const TraceShape& shape) : random_(random), shape_(shape) {
    alive_.push_back(0);
  }

  RaceTrace Make() {
    while (static_cast<int>(trace_.size()) < shape_.events) {
      RaceEvent event;
      event.task = alive_[Below(alive_.size())];
      event.site = shape_.unique_sites ? static_cast<int>(trace_.size()) + 1
                                       : 1 + static_cast<int>(Below(6));
      if (static_cast<int>(Below(100)) < shape_.sync_percent) {
        if (!MakeSync(event)) continue;
      } else {
        event.kind = Below(3) == 0 ? EventKind::kWrite : EventKind::kRead;
        MakeAccess(event);
      }
      trace_.push_back(event);
    }
    return trace_;
  }

 private:
  size_t Below(size_t n) { return static_cast<size_t>(random_() % n); }

  void MakeAccess(RaceEvent& event) {
    constexpr uint8_t kMasks[] = {0xff, 0xff, 0x0f, 0xf0, 0x01, 0x02, 0x3c, 0x80};
    event.target = static_cast<int>(Below(kTraceGranules));
    event.mask = kMasks[Below(std::size(kMasks))];
  }

  // Atomics: two variables of four bytes in a granule.
  void MakeAtomic(RaceEvent& event) {
    constexpr EventKind kKinds[] = {EventKind::kLoad, EventKind::kStore, EventKind::kRmw};
    event.kind = kKinds[Below(3)];
    event.target = static_cast<int>(Below(kTraceGranules));
    event.mask = Below(2) == 0 ? 0x0f : 0xf0;
    event.order = Order();
  }

  MemoryOrder Order() {
    if (!shape_.relaxed) return MemoryOrder::kSeqCst;
    constexpr MemoryOrder kOrders[] = {MemoryOrder::kRelaxed, MemoryOrder::kAcquire,
                                       MemoryOrder::kRelease, MemoryOrder::kAcqRel};
    return kOrders[Below(4)];
  }

  bool MakeSync(RaceEvent& event) {
    size_t what = Below(12);
    if (what < 5) {
      constexpr EventKind kLocks[] = {EventKind::kAcquire, EventKind::kRelease, EventKind::kRelease,
                                      EventKind::kReleaseShared, EventKind::kAcquireAll};
      event.kind = kLocks[what];
      event.target = static_cast<int>(Below(kTraceLocks));
      return true;
    }
    if (what < 8) return MakeAtomic(event), true;
    if (what == 8) {
      event.kind = EventKind::kFence;
      event.order = Order();
      return true;
    }
    return what < 10 ? MakeFork(event) : MakeEndOrJoin(event);
  }

  bool MakeFork(RaceEvent& event) {
    if (static_cast<int>(alive_.size()) >= shape_.max_tasks) return false;
    event.kind = EventKind::kFork;
    event.target = next_task_++;
    alive_.push_back(event.target);
    return true;
  }

  bool MakeEndOrJoin(RaceEvent& event) {
    if (!ended_.empty() && Below(3) != 0) {
      size_t which = Below(ended_.size());
      event.kind = EventKind::kJoin;
      event.target = ended_[which];
      ended_.erase(ended_.begin() + static_cast<long>(which));
      return true;
    }
    if (alive_.size() < 2) return false;
    size_t which = 1 + Below(alive_.size() - 1);
    event.kind = EventKind::kEnd;
    event.task = alive_[which];
    ended_.push_back(event.task);
    alive_.erase(alive_.begin() + static_cast<long>(which));
    return true;
  }

  std::mt19937_64& random_;
  const TraceShape& shape_;
  RaceTrace trace_;
  std::vector<int> alive_;
  std::vector<int> ended_;
  int next_task_ = 1;
};

}  // namespace

RaceTrace MakeRandomTrace(std::mt19937_64& random, const TraceShape& shape) {
  return Generator(random, shape).Make();
}

}  // namespace csim
