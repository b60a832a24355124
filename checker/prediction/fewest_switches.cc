#include "checker/prediction/fewest_switches.h"

#include <algorithm>
#include <map>
#include <queue>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace csim {
namespace {

constexpr int kBytes = 8;  // of a granule

class SwitchSearch {
 public:
  SwitchSearch(const History& history, const std::vector<int>& cuts, size_t most_states)
      : history_(history), cuts_(cuts), most_states_(most_states) {
    cuts_.resize(history.of_task.size(), kAnyNumber);
    index_.resize(history.events.size());
    for (const auto& events : history.of_task) {
      for (size_t i = 0; i < events.size(); ++i)
        index_[static_cast<size_t>(events[i])] = static_cast<int>(i);
    }
    NumberGranules();
    FindSources();
  }

  FewestSwitchesResult Run() {
    Node start;
    start.done.assign(history_.of_task.size(), 0);
    start.writers.assign(granules_.size() * kBytes, kNone);
    Push(std::move(start));
    while (!open_.empty()) {
      const size_t number = open_.top().number;
      open_.pop();
      if (!closed_.insert(KeyOf(nodes_[number])).second) continue;
      if (IsGoal(nodes_[number])) return {QueryEnd::kFound, PathTo(number), nodes_[number].cost};
      if (closed_.size() >= most_states_) return {};
      for (int task = 0; task < TaskCount(); ++task) Step(number, task);
    }
    return {QueryEnd::kImpossible, {}, {}};
  }

 private:
  struct Node {
    std::vector<int> done;     // events of each task
    std::vector<int> writers;  // by byte of each granule: the event
    int current = kNone;
    SwitchCost cost;
    size_t from = 0;
    int event = kNone;  // that led here
  };
  struct Open {
    SwitchCost cost;
    size_t number;
    // The cheapest first; of equal ones the one that has come furthest.
    bool operator<(const Open& o) const {
      return cost != o.cost ? cost > o.cost : number < o.number;
    }
  };

  int TaskCount() const { return static_cast<int>(history_.of_task.size()); }
  const HistoryEvent& At(int event) const { return history_.events[static_cast<size_t>(event)]; }
  int NextOf(const Node& node, int task) const {
    const auto& events = history_.of_task[static_cast<size_t>(task)];
    const auto done = static_cast<size_t>(node.done[static_cast<size_t>(task)]);
    return done < events.size() ? events[done] : kNone;
  }

  void NumberGranules() {
    for (size_t i = 0; i < history_.events.size(); ++i) {
      if (history_.events[i].access != kNone) {
        granules_.try_emplace(history_.accesses[i].granule, granules_.size());
      }
    }
  }

  template <typename Visit>
  void ForEachByte(int event, Visit visit) const {
    const TraceAccess& a = history_.accesses[static_cast<size_t>(event)];
    const size_t first = granules_.at(a.granule) * kBytes;
    for (size_t b = 0; b < kBytes; ++b) {
      if ((a.mask >> b & 1) != 0) visit(first + b);
    }
  }

  // Whose write each read found, byte by byte.
  void FindSources() {
    sources_.resize(history_.events.size());
    std::vector<int> writers(granules_.size() * kBytes, kNone);
    for (int i = 0; i < static_cast<int>(history_.events.size()); ++i) {
      if (At(i).access == kNone) continue;
      if (At(i).is_read) {
        ForEachByte(i, [&](size_t b) { sources_[static_cast<size_t>(i)].push_back(writers[b]); });
      }
      if (At(i).is_write) ForEachByte(i, [&](size_t b) { writers[b] = i; });
    }
  }

  bool IsDone(const Node& node, int event) const {
    return index_[static_cast<size_t>(event)] < node.done[static_cast<size_t>(At(event).task)];
  }

  bool IsFree(const Node& node, int event) const {
    const HistoryEvent& e = At(event);
    for (int other = 0; other < TaskCount(); ++other) {
      if (other == e.task) continue;
      const int done = node.done[static_cast<size_t>(other)];
      if (done == 0) continue;
      const int last = history_.of_task[static_cast<size_t>(other)][static_cast<size_t>(done - 1)];
      if (HoldsAfter(last, e.lock, e.shared)) return false;
    }
    return true;
  }

  // Whether the task of `last` holds the lock when that is done, so that it excludes others.
  bool HoldsAfter(int last, int lock, bool shared) const {
    const HistoryEvent& e = At(last);
    if (e.lock == lock && e.action == LockAction::kRelease) return false;
    if (e.lock == lock && e.action == LockAction::kAcquire) return !(shared && e.shared);
    for (const HeldAt& h : history_.held[static_cast<size_t>(last)]) {
      if (h.lock == lock) return !(shared && h.shared);
    }
    return false;
  }

  // Whether the program could do it, whatever it would read.
  bool IsEnabled(const Node& node, int event) const {
    const HistoryEvent& e = At(event);
    for (const int needed : e.needs) {
      if (!IsDone(node, needed)) return false;
    }
    return e.action != LockAction::kAcquire || IsFree(node, event);
  }

  bool ReadsTheSame(const Node& node, int event) const {
    if (!At(event).is_read) return true;
    size_t i = 0;
    bool same = true;
    ForEachByte(event, [&](size_t b) {
      same &= node.writers[b] == sources_[static_cast<size_t>(event)][i++];
    });
    return same;
  }

  void Step(size_t from, int task) {
    const Node& node = nodes_[from];
    const int cut = cuts_[static_cast<size_t>(task)];
    if (cut != kAnyNumber && node.done[static_cast<size_t>(task)] >= cut) return;
    const int event = NextOf(node, task);
    if (event == kNone || !IsEnabled(node, event) || !ReadsTheSame(node, event)) return;
    Node next = node;
    next.from = from;
    next.event = event;
    next.current = task;
    ++next.done[static_cast<size_t>(task)];
    if (At(event).is_write) ForEachByte(event, [&](size_t b) { next.writers[b] = event; });
    if (node.current != kNone && node.current != task) {
      ++next.cost.switches;
      const int left = NextOf(node, node.current);
      if (left != kNone && IsEnabled(node, left)) ++next.cost.preemptions;
    }
    if (closed_.count(KeyOf(next)) == 0) Push(std::move(next));
  }

  void Push(Node node) {
    open_.push({node.cost, nodes_.size()});
    nodes_.push_back(std::move(node));
  }

  std::string KeyOf(const Node& node) const {
    std::string key;
    const auto add = [&](int value) {
      key.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    add(node.current);
    for (const int d : node.done) add(d);
    for (const int w : node.writers) add(w);
    return key;
  }

  bool IsGoal(const Node& node) const {
    for (size_t t = 0; t < cuts_.size(); ++t) {
      if (cuts_[t] != kAnyNumber && node.done[t] != cuts_[t]) return false;
    }
    return true;
  }

  Order PathTo(size_t number) const {
    Order order;
    for (; nodes_[number].event != kNone; number = nodes_[number].from) {
      order.push_back(nodes_[number].event);
    }
    std::reverse(order.begin(), order.end());
    return order;
  }

  const History& history_;
  std::vector<int> cuts_;
  size_t most_states_;
  std::vector<int> index_;  // of each event in its task
  std::unordered_map<uint64_t, size_t> granules_;
  std::vector<std::vector<int>> sources_;  // of each read, by byte
  std::vector<Node> nodes_;
  std::priority_queue<Open> open_;
  std::unordered_set<std::string> closed_;
};

}  // namespace

FewestSwitchesResult FewestSwitches(const History& history, const std::vector<int>& cuts,
                                    size_t most_states) {
  return SwitchSearch(history, cuts, most_states).Run();
}

}  // namespace csim
