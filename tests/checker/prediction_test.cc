// Prediction against brute force: all orders of the events of random executions.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "checker/prediction/candidates.h"
#include "checker/prediction/feasible_order.h"
#include "checker/prediction/fewest_switches.h"
#include "checker/prediction/predict.h"
#include "random_trace.h"

namespace csim {
namespace {

// Follows the rules one event at a time: what a program that does exactly these things may do next.
class Follower {
 public:
  explicit Follower(const History& history) : history_(history), done_(history.of_task.size(), 0) {
    std::map<std::pair<uint64_t, int>, int> writers;
    found_.resize(history.events.size());
    for (int i = 0; i < static_cast<int>(history.events.size()); ++i) {
      ForEachByte(i, [&](std::pair<uint64_t, int> byte) {
        if (At(i).is_read) found_[static_cast<size_t>(i)][byte] = Last(writers, byte);
        if (At(i).is_write) writers[byte] = i;
      });
    }
  }

  int Next(size_t task) const {
    return done_[task] < history_.of_task[task].size() ? history_.of_task[task][done_[task]]
                                                       : kNone;
  }

  // Whether it could be done, whatever it reads.
  bool Enabled(int event) const {
    const HistoryEvent& e = At(event);
    for (const int needed : e.needs) {
      if (performed_.count(needed) == 0) return false;
    }
    const auto it = owner_.find(e.lock);
    return e.action != LockAction::kAcquire || it == owner_.end();
  }

  bool Allowed(int event) const {
    bool same = true;
    if (At(event).is_read) {
      ForEachByte(event, [&](std::pair<uint64_t, int> byte) {
        same &= found_[static_cast<size_t>(event)].at(byte) == Last(writers_, byte);
      });
    }
    return same && Enabled(event);
  }

  void Do(int event) {
    const HistoryEvent& e = At(event);
    ++done_[static_cast<size_t>(e.task)];
    performed_.insert(event);
    if (e.action == LockAction::kAcquire) owner_[e.lock] = e.task;
    if (e.action == LockAction::kRelease) owner_.erase(e.lock);
    if (e.is_write)
      ForEachByte(event, [&](std::pair<uint64_t, int> byte) { writers_[byte] = event; });
  }

  const std::vector<size_t>& done() const { return done_; }
  auto Key() const { return std::tuple(done_, writers_); }

 private:
  const HistoryEvent& At(int event) const { return history_.events[static_cast<size_t>(event)]; }
  static int Last(const std::map<std::pair<uint64_t, int>, int>& writers,
                  std::pair<uint64_t, int> byte) {
    const auto it = writers.find(byte);
    return it == writers.end() ? kNone : it->second;
  }
  void ForEachByte(int event, const std::function<void(std::pair<uint64_t, int>)>& visit) const {
    const TraceAccess& a = history_.accesses[static_cast<size_t>(event)];
    for (int b = 0; b < 8; ++b) {
      if ((a.mask >> b & 1) != 0) visit({a.granule, b});
    }
  }

  const History& history_;
  std::vector<size_t> done_;
  std::set<int> performed_;
  std::map<int, int> owner_;
  std::map<std::pair<uint64_t, int>, int> writers_;
  std::vector<std::map<std::pair<uint64_t, int>, int>> found_;
};

// Visits every state that can be reached.
void ForEachState(const History& history, const std::function<void(const Follower&)>& visit) {
  std::set<decltype(std::declval<Follower>().Key())> seen;
  std::vector<Follower> open{Follower(history)};
  while (!open.empty()) {
    const Follower state = open.back();
    open.pop_back();
    if (!seen.insert(state.Key()).second) continue;
    visit(state);
    for (size_t t = 0; t < history.of_task.size(); ++t) {
      if (state.Next(t) == kNone || !state.Allowed(state.Next(t))) continue;
      Follower next = state;
      next.Do(state.Next(t));
      open.push_back(std::move(next));
    }
  }
}

bool CanReach(const History& history, const std::vector<int>& goals) {
  bool reached = false;
  ForEachState(history, [&](const Follower& state) {
    bool all = true;
    for (const int goal : goals) {
      all &=
          state.Next(static_cast<size_t>(history.events[static_cast<size_t>(goal)].task)) == goal;
    }
    reached |= all;
  });
  return reached;
}

// Whether the order can be followed, and ends in front of the goals.
void ExpectLeadsTo(const History& history, const Order& order, const std::vector<int>& goals) {
  Follower state(history);
  for (const int event : order) {
    const auto task = static_cast<size_t>(history.events[static_cast<size_t>(event)].task);
    ASSERT_EQ(state.Next(task), event);
    ASSERT_TRUE(state.Allowed(event));
    state.Do(event);
  }
  for (const int goal : goals) {
    EXPECT_EQ(state.Next(static_cast<size_t>(history.events[static_cast<size_t>(goal)].task)),
              goal);
  }
}

TEST(Prediction, AnswersAreThoseOfBruteForce) {
  std::mt19937 random(1);
  int possible = 0;
  int impossible = 0;
  int kept = 0;
  for (int i = 0; i < 250; ++i) {
    const Trace trace = RandomTrace(random, {2 + i % 2, 4 + i % 3, 2, 3});
    const History history = MakeHistory(trace, 1000);
    std::vector<Candidate> candidates = RaceCandidates(history);
    for (Candidate& c : DeadlockCandidates(history)) candidates.push_back(std::move(c));
    for (const Candidate& goals : candidates) {
      const bool can = CanReach(history, goals);
      ++(can ? possible : impossible);
      const QueryResult any = AskAnyOrder(history, goals);
      ASSERT_EQ(any.end, can ? QueryEnd::kFound : QueryEnd::kImpossible) << "trace " << i;
      if (can) ExpectLeadsTo(history, any.order, goals);
      const QueryResult same = KeepLockOrder(history, goals);
      if (same.end == QueryEnd::kFound) {
        ++kept;
        ExpectLeadsTo(history, same.order, goals);
      }
      if (same.end == QueryEnd::kImpossible) {
        EXPECT_FALSE(can);
      }
    }
  }
  // The traces are worth it: all sorts occur.
  EXPECT_GT(possible, 200);
  EXPECT_GT(impossible, 100);
  EXPECT_GT(kept, 150);
  EXPECT_LT(kept, possible);
}

// The least cost of any order that does all events, by trying them all.
void Cheapest(const Follower& state, const History& history, int current, SwitchCost cost,
              SwitchCost* least) {
  bool over = true;
  for (size_t t = 0; t < history.of_task.size(); ++t) over &= state.Next(t) == kNone;
  if (over) *least = std::min(*least, cost);
  if (cost >= *least) return;
  for (size_t t = 0; t < history.of_task.size(); ++t) {
    if (state.Next(t) == kNone || !state.Allowed(state.Next(t))) continue;
    SwitchCost next = cost;
    if (current != kNone && current != static_cast<int>(t)) {
      ++next.switches;
      const int left = state.Next(static_cast<size_t>(current));
      if (left != kNone && state.Enabled(left)) ++next.preemptions;
    }
    Follower after = state;
    after.Do(state.Next(t));
    Cheapest(after, history, static_cast<int>(t), next, least);
  }
}

TEST(FewestSwitches, AreThoseOfBruteForce) {
  std::mt19937 random(2);
  int with_preemptions = 0;
  for (int i = 0; i < 150; ++i) {
    const Trace trace = RandomTrace(random, {2 + i % 2, i % 2 == 0 ? 5 : 3, 2, 2});
    const History history = MakeHistory(trace, 1000);
    std::vector<int> cuts;
    for (const auto& events : history.of_task) cuts.push_back(static_cast<int>(events.size()));
    const FewestSwitchesResult found = FewestSwitches(history, cuts);
    ASSERT_EQ(found.end, QueryEnd::kFound);
    SwitchCost least{1000, 1000};
    Cheapest(Follower(history), history, kNone, {}, &least);
    EXPECT_EQ(found.cost.preemptions, least.preemptions) << "trace " << i;
    EXPECT_EQ(found.cost.switches, least.switches) << "trace " << i;
    ExpectLeadsTo(history, found.order, {});
    if (least.preemptions > 0) ++with_preemptions;
  }
  EXPECT_GT(with_preemptions, 10);
}

TEST(Prediction, NothingFollowsFromAnExecutionThatWasStoppedBeforeItBegan) {
  EXPECT_TRUE(Predict(Trace{}, {}).found.empty());
}

TEST(Prediction, AQueryOverItsBudgetGivesUp) {
  std::mt19937 random(3);
  int gave_up = 0;
  for (int i = 0; i < 10; ++i) {
    const Trace trace = RandomTrace(random, {3, 8, 3, 3});
    const History history = MakeHistory(trace, 1000);
    for (const Candidate& goals : RaceCandidates(history)) {
      if (AskAnyOrder(history, goals, 10).end == QueryEnd::kGaveUp) ++gave_up;
    }
  }
  EXPECT_GT(gave_up, 0);
}

}  // namespace
}  // namespace csim
