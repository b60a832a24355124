#include <algorithm>
#include <map>

#include "checker/prediction/feasible_order.h"

namespace csim {
namespace {

// The smallest set of events that has what comes before the goals and all that its members rest on.
class Closure {
 public:
  Closure(const History& history, const std::vector<int>& goals, Reads reads)
      : history_(history), reads_(reads), included_(history.events.size(), false), goals_(goals) {
    for (size_t i = 0; i < history.events.size(); ++i) {
      if (history.events[i].action == LockAction::kAcquire) {
        acquires_[history.events[i].lock].push_back(static_cast<int>(i));
      }
    }
  }

  // Impossible: a goal would be among what every order needs. Gave up: a goal would be among them, or a
  // lock would have to be given up that never was.
  QueryEnd Close() {
    for (const int goal : goals_) Include(At(goal).previous);
    IncludeNeeded();
    if (HasGoal()) return QueryEnd::kImpossible;
    while (IncludeReleases()) IncludeNeeded();
    return failed_ || HasGoal() ? QueryEnd::kGaveUp : QueryEnd::kFound;
  }

  Order Events() const {
    Order order;
    for (size_t i = 0; i < included_.size(); ++i) {
      if (included_[i]) order.push_back(static_cast<int>(i));
    }
    return order;
  }

 private:
  const HistoryEvent& At(int event) const { return history_.events[static_cast<size_t>(event)]; }

  bool HasGoal() const {
    return std::any_of(goals_.begin(), goals_.end(),
                       [&](int goal) { return included_[static_cast<size_t>(goal)]; });
  }

  void Include(int event) {
    if (event == kNone || included_[static_cast<size_t>(event)]) return;
    included_[static_cast<size_t>(event)] = true;
    open_.push_back(event);
  }

  void IncludeNeeded() {
    while (!open_.empty()) {
      const HistoryEvent& e = At(open_.back());
      open_.pop_back();
      Include(e.previous);
      for (const int needed : e.needs) Include(needed);
      if (reads_ == Reads::kAnything) continue;
      for (const int source : e.sources) Include(source);
    }
  }

  // Of two holders of a lock that exclude each other the first has to give it up. True if that has added
  // something.
  bool IncludeReleases() {
    for (const auto& [lock, acquires] : acquires_) {
      bool later = false;        // an included acquire comes later
      bool later_alone = false;  // ... and is exclusive
      for (auto it = acquires.rbegin(); it != acquires.rend(); ++it) {
        if (!included_[static_cast<size_t>(*it)]) continue;
        const HistoryEvent& e = At(*it);
        if (later_alone || (later && !e.shared)) {
          if (e.partner == kNone) failed_ = true;
          if (failed_) return false;
          Include(e.partner);
        }
        later = true;
        later_alone |= !e.shared;
      }
    }
    return !open_.empty();
  }

  const History& history_;
  Reads reads_;
  std::vector<bool> included_;
  std::vector<int> goals_;
  std::vector<int> open_;
  std::map<int, std::vector<int>> acquires_;  // by lock, in order
  bool failed_ = false;
};

}  // namespace

QueryResult KeepLockOrder(const History& history, const std::vector<int>& goals, Reads reads) {
  Closure closure(history, goals, reads);
  const QueryEnd end = closure.Close();
  return {end, end == QueryEnd::kFound ? closure.Events() : Order{}};
}

}  // namespace csim
