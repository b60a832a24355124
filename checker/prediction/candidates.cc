#include "checker/prediction/candidates.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace csim {
namespace {

constexpr int kPairsOfPlaces = 4;       // looked at for one pair of places
constexpr size_t kMostOfGranule = 400;  // accesses to 8 bytes that are paired
constexpr size_t kLongestCycle = 5;
constexpr size_t kMostCycles = 1000;

// Whether both hold a lock that one of them has alone.
bool ExcludeEachOther(const std::vector<HeldAt>& a, const std::vector<HeldAt>& b) {
  return std::any_of(a.begin(), a.end(), [&](const HeldAt& x) {
    return std::any_of(b.begin(), b.end(), [&](const HeldAt& y) {
      return x.lock == y.lock && !(x.shared && y.shared);
    });
  });
}

// An acquisition while other locks are held. Of equal ones (same task, locks and place) the first.
struct Nested {
  int event = kNone;
  const std::vector<HeldAt>* held = nullptr;
};

class CycleFinder {
 public:
  explicit CycleFinder(const History& history) : history_(history) {
    std::set<std::tuple<int, int, std::vector<int>>> seen;
    for (size_t i = 0; i < history.events.size(); ++i) {
      const HistoryEvent& e = history.events[i];
      if (e.action != LockAction::kAcquire || history.held[i].empty()) continue;
      std::vector<int> held;
      for (const HeldAt& h : history.held[i]) held.push_back(h.lock * 2 + (h.shared ? 1 : 0));
      std::sort(held.begin(), held.end());
      if (!seen.insert({e.task, e.lock * 2 + (e.shared ? 1 : 0), held}).second) continue;
      nested_.push_back({static_cast<int>(i), &history.held[i]});
    }
  }

  std::vector<Candidate> Find() {
    for (size_t i = 0; i < nested_.size(); ++i) {
      path_ = {i};
      Extend(i);
    }
    return std::move(cycles_);
  }

 private:
  const HistoryEvent& EventOf(size_t nested) const {
    return history_.events[static_cast<size_t>(nested_[nested].event)];
  }

  // Whether `waiter` wants what `holder` has.
  bool WaitsFor(size_t waiter, size_t holder) const {
    const HistoryEvent& wants = EventOf(waiter);
    return std::any_of(
        nested_[holder].held->begin(), nested_[holder].held->end(),
        [&](const HeldAt& h) { return h.lock == wants.lock && !(h.shared && wants.shared); });
  }

  bool Fits(size_t next) const {
    return std::none_of(path_.begin(), path_.end(), [&](size_t other) {
      return EventOf(other).task == EventOf(next).task ||
             ExcludeEachOther(*nested_[other].held, *nested_[next].held);
    });
  }

  // Cycles are found once: from the first of their members in nested_.
  void Extend(size_t first) {
    if (cycles_.size() >= kMostCycles) return;
    const size_t last = path_.back();
    if (path_.size() >= 2 && WaitsFor(last, first)) {
      Candidate cycle;
      for (const size_t n : path_) cycle.push_back(nested_[n].event);
      cycles_.push_back(std::move(cycle));
    }
    if (path_.size() == kLongestCycle) return;
    for (size_t next = first + 1; next < nested_.size(); ++next) {
      if (!WaitsFor(last, next) || !Fits(next)) continue;
      path_.push_back(next);
      Extend(first);
      path_.pop_back();
    }
  }

  const History& history_;
  std::vector<Nested> nested_;
  std::vector<size_t> path_;
  std::vector<Candidate> cycles_;
};

}  // namespace

std::vector<Candidate> RaceCandidates(const History& history) {
  std::map<uint64_t, std::vector<int>> accesses;
  for (size_t i = 0; i < history.events.size(); ++i) {
    if (history.events[i].access != kNone) {
      accesses[history.accesses[i].granule].push_back(static_cast<int>(i));
    }
  }
  std::map<std::tuple<uint32_t, uint32_t, bool, bool>, int> tried;
  std::vector<Candidate> pairs;
  for (const auto& [granule, all] : accesses) {
    const size_t count = std::min(all.size(), kMostOfGranule);
    for (size_t i = 0; i < count; ++i) {
      const TraceAccess& a = history.accesses[static_cast<size_t>(all[i])];
      for (size_t j = i + 1; j < count; ++j) {
        const TraceAccess& b = history.accesses[static_cast<size_t>(all[j])];
        if (a.task == b.task || !Conflicts(a, b)) continue;
        if (ExcludeEachOther(history.held[static_cast<size_t>(all[i])],
                             history.held[static_cast<size_t>(all[j])])) {
          continue;
        }
        const bool swapped = b.place < a.place;
        int& times = tried[{std::min(a.place, b.place), std::max(a.place, b.place),
                            swapped ? b.is_write : a.is_write, swapped ? a.is_write : b.is_write}];
        if (times++ >= kPairsOfPlaces) continue;
        pairs.push_back({all[i], all[j]});
      }
    }
  }
  return pairs;
}

std::vector<Candidate> DeadlockCandidates(const History& history) {
  return CycleFinder(history).Find();
}

}  // namespace csim
