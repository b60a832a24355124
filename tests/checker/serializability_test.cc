// Serialisability of atomic blocks against brute force: all serial orders of the transactions.
#include "checker/serializability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace csim {
namespace {

struct Step {
  enum Kind { kEnter, kLeave, kAccess, kOrder } kind;
  int task = 0;
  int object = 0;  // kOrder: the task that comes later
  uint8_t mask = 1;
  bool writes = false;
};
using History = std::vector<Step>;

Serializability::Access AccessOf(const Step& step, size_t number) {
  return {.object = static_cast<uint64_t>(step.object),
          .mask = step.mask,
          .writes = step.writes,
          .task = TaskId{static_cast<uint16_t>(step.task)},
          .site = SiteId{static_cast<uint32_t>(number + 1)}};
}

// The transaction of each step, and how many there are. Those without an access have none.
std::vector<int> TransactionsOf(const History& history, int* count) {
  std::vector<int> result(history.size(), -1);
  std::vector<int> depth(4, 0);
  std::vector<int> open(4, -1);
  *count = 0;
  for (size_t i = 0; i < history.size(); ++i) {
    const auto task = static_cast<size_t>(history[i].task);
    if (history[i].kind == Step::kEnter && depth[task]++ == 0) open[task] = (*count)++;
    if (history[i].kind == Step::kLeave) --depth[task];
    if (history[i].kind == Step::kAccess) {
      result[i] = depth[task] > 0 ? open[task] : (*count)++;
    }
  }
  return result;
}

bool MustStay(const History& history, size_t i, size_t j) {
  const Step& a = history[i];
  const Step& b = history[j];
  if (a.kind != Step::kAccess || b.kind != Step::kAccess) return false;
  if (a.task == b.task) return true;
  return a.object == b.object && (a.mask & b.mask) != 0 && (a.writes || b.writes);
}

bool IsSerializable(const History& history) {
  int count = 0;
  const std::vector<int> transaction = TransactionsOf(history, &count);
  std::vector<std::pair<int, int>> before;
  const auto add = [&](int a, int b) {
    if (a != b && a >= 0 && b >= 0) before.emplace_back(a, b);
  };
  for (size_t i = 0; i < history.size(); ++i) {
    for (size_t j = i + 1; j < history.size(); ++j) {
      if (MustStay(history, i, j)) add(transaction[i], transaction[j]);
    }
    if (history[i].kind != Step::kOrder) continue;
    for (size_t j = 0; j < i; ++j) {
      for (size_t k = i + 1; k < history.size(); ++k) {
        if (history[j].task == history[i].task && history[k].task == history[i].object) {
          add(transaction[j], transaction[k]);
        }
      }
    }
  }
  std::vector<int> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  do {
    std::vector<size_t> at(order.size());
    for (size_t i = 0; i < order.size(); ++i) at[static_cast<size_t>(order[i])] = i;
    if (std::all_of(before.begin(), before.end(), [&](const auto& pair) {
          return at[static_cast<size_t>(pair.first)] < at[static_cast<size_t>(pair.second)];
        })) {
      return true;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

History RandomHistory(std::mt19937& random, int tasks, int steps) {
  History history;
  std::vector<int> depth(static_cast<size_t>(tasks), 0);
  for (int i = 0; i < steps; ++i) {
    Step step;
    step.task = static_cast<int>(random() % static_cast<unsigned>(tasks));
    const auto task = static_cast<size_t>(step.task);
    const unsigned what = random() % 10;
    if (what < 2) {
      step.kind = Step::kEnter;
      ++depth[task];
    } else if (what == 2 && depth[task] > 0) {
      step.kind = Step::kLeave;
      --depth[task];
    } else {
      step.kind = Step::kAccess;
      step.object = static_cast<int>(random() % 3);
      step.mask = static_cast<uint8_t>(1 + random() % 3);
      step.writes = random() % 2 == 0;
    }
    history.push_back(step);
  }
  return history;
}

// The step whose access closes a cycle; -1 if there is none.
int FindCycle(Serializability& checker, const History& history) {
  checker.BeginExecution();
  for (size_t i = 0; i < history.size(); ++i) {
    const Step& step = history[i];
    const TaskId task{static_cast<uint16_t>(step.task)};
    if (step.kind == Step::kEnter) checker.Enter(task, {SiteId{static_cast<uint32_t>(i + 1)}, {}});
    if (!checker.on()) continue;
    if (step.kind == Step::kLeave) checker.Leave(task);
    if (step.kind == Step::kOrder)
      checker.OnOrder(task, TaskId{static_cast<uint16_t>(step.object)});
    if (step.kind != Step::kAccess) continue;
    if (checker.OnAccess(AccessOf(step, i)) == Serializability::Result::kCycle) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

// A chain of conflicts from one block back to it, each in the order of the history.
void CheckCycle(const Serializability& checker, const History& history, int closing) {
  int count = 0;
  const std::vector<int> transaction = TransactionsOf(history, &count);
  const auto& cycle = checker.cycle();
  ASSERT_GE(cycle.size(), 2u);
  const auto step = [](const Serializability::Access& a) { return Index(a.site) - 1; };
  EXPECT_EQ(step(cycle.back().second), static_cast<uint32_t>(closing));
  for (size_t i = 0; i < cycle.size(); ++i) {
    const auto& next = cycle[(i + 1) % cycle.size()];
    EXPECT_LT(step(cycle[i].first), step(cycle[i].second));
    EXPECT_TRUE(MustStay(history, step(cycle[i].first), step(cycle[i].second)));
    EXPECT_NE(cycle[i].first.task, cycle[i].second.task);
    EXPECT_EQ(cycle[i].second.task, next.first.task);
  }
  EXPECT_EQ(transaction[step(cycle.front().first)], transaction[step(cycle.back().second)]);
}

TEST(Serializability, AgreesWithBruteForce) {
  std::mt19937 random(9);
  Serializability checker(std::pmr::new_delete_resource());
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 80000; ++i) {
    History history = RandomHistory(random, 2 + i % 2, 5 + i % 6);
    history.insert(history.begin(), {Step::kEnter, 3});  // so that all is seen from the start
    int count = 0;
    TransactionsOf(history, &count);
    if (count > 8) continue;
    const bool expected = IsSerializable(history);
    ++(expected ? good : bad);
    const int closing = FindCycle(checker, history);
    ASSERT_EQ(closing < 0, expected) << "history " << i;
    if (closing < 0) continue;
    CheckCycle(checker, history, closing);
    // Not before that access.
    history.resize(static_cast<size_t>(closing));
    ASSERT_TRUE(IsSerializable(history)) << "history " << i;
  }
  EXPECT_GT(good, 1000);
  EXPECT_GT(bad, 1000);
}

TEST(Serializability, StartsOfTasksOrder) {
  // Task 0 reads x in a block; task 1 writes x and starts task 2, which writes y; task 0 reads y.
  History history = {
      {Step::kEnter, 0},    {Step::kAccess, 0, 1, 1, false}, {Step::kAccess, 1, 1, 1, true},
      {Step::kOrder, 1, 2}, {Step::kAccess, 2, 2, 1, true},  {Step::kAccess, 0, 2, 1, false}};
  Serializability checker(std::pmr::new_delete_resource());
  EXPECT_EQ(FindCycle(checker, history), 5);
  EXPECT_FALSE(IsSerializable(history));
  history.erase(history.begin() + 3);
  EXPECT_EQ(FindCycle(checker, history), -1);
  EXPECT_TRUE(IsSerializable(history));
}

TEST(Serializability, MemoryThatIsNewHasNoConflicts) {
  const History history = {{Step::kEnter, 0}, {Step::kAccess, 0, 1, 1, true}};
  Serializability checker(std::pmr::new_delete_resource());
  FindCycle(checker, history);
  EXPECT_EQ(checker.OnAccess(AccessOf({Step::kAccess, 1, 1, 1, true}, 2)),
            Serializability::Result::kOrdered);
  checker.Forget(1);
  EXPECT_EQ(checker.OnAccess(AccessOf({Step::kAccess, 0, 1, 1, true}, 3)),
            Serializability::Result::kNothing);
}

}  // namespace
}  // namespace csim
