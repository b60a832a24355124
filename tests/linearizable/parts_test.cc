// Scenarios, results and tables of include/csim/linearizable.h.
#include <csim/linearizable.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <stdexcept>

namespace csim::detail {
namespace {

TEST(Scenarios, AreEachOnceUpToTheOrderOfThreads) {
  for (const auto& [threads, operations, variants] :
       {std::tuple{2u, 3u, 2u}, std::tuple{3u, 2u, 2u}, std::tuple{1u, 3u, 3u},
        std::tuple{2u, 2u, 3u}}) {
    std::set<std::multiset<std::vector<unsigned>>> expected;
    unsigned all = 1;
    for (unsigned i = 0; i < threads * operations; ++i) all *= variants;
    for (unsigned code = 0; code < all; ++code) {
      std::multiset<std::vector<unsigned>> scenario;
      unsigned digits = code;
      for (unsigned t = 0; t < threads; ++t) {
        std::vector<unsigned> thread;
        for (unsigned i = 0; i < operations; ++i, digits /= variants)
          thread.push_back(digits % variants);
        scenario.insert(thread);
      }
      expected.insert(scenario);
    }
    const scenarios found(threads, operations, variants, 100000, 1);
    EXPECT_TRUE(found.complete());
    EXPECT_EQ(found.count(), expected.size());
    std::set<std::multiset<std::vector<unsigned>>> seen;
    for (unsigned i = 0; i < found.count(); ++i) {
      const auto scenario = found.at(i);
      std::multiset<std::vector<unsigned>> by_thread;
      for (unsigned t = 0; t < threads; ++t) {
        const auto from = scenario.begin() + t * operations;
        by_thread.insert({from, from + operations});
      }
      seen.insert(by_thread);
    }
    EXPECT_EQ(seen, expected);
  }
}

TEST(Scenarios, AreASampleIfThereAreTooMany) {
  const scenarios found(4, 8, 10, 50, 7);
  EXPECT_FALSE(found.complete());
  EXPECT_EQ(found.count(), 50u);
  std::set<scenarios::scenario> seen;
  for (unsigned i = 0; i < 50; ++i) {
    seen.insert(found.at(i));
    EXPECT_EQ(found.at(i), scenarios(4, 8, 10, 50, 7).at(i));
  }
  EXPECT_EQ(seen.size(), 50u);
}

TEST(Outcome, ShowsWhatOperationsGive) {
  EXPECT_EQ(outcome_of(-3).shown(), "-3");
  EXPECT_EQ(outcome_of(~0ull).shown(), "18446744073709551615");
  EXPECT_EQ(outcome_of(true).shown(), "true");
  EXPECT_EQ(outcome_of(std::optional<int>()).shown(), "none");
  EXPECT_EQ(outcome_of(std::optional<int>(4)), outcome_of(4));
  EXPECT_EQ(outcome_of("a").shown(), "\"a\"");
  EXPECT_EQ(outcome_of(std::pair(1, false)).shown(), "(1, false)");
  EXPECT_EQ(outcome_of(std::vector<int>{1, 2}).shown(), "{1, 2}");
  EXPECT_EQ(outcome_of(1.5).shown(), "1.5");
  EXPECT_EQ(outcome_of_call([] {}).shown(), "");
  const outcome thrown = outcome_of_call([]() -> int { throw std::out_of_range("x"); });
  EXPECT_EQ(thrown.shown(), "throws std::out_of_range");
  EXPECT_FALSE(outcome_of(0) == outcome_of(false));
}

TEST(Table, ShowsWhatOverlaps) {
  const std::vector<std::vector<std::string>> texts = {{"a(): 1", "b()"}, {"c()"}};
  EXPECT_EQ(history_table(texts, {{0, 0}, {0, 1}, {1, 0}, {0, 2}, {0, 3}, {1, 1}}),
            "| Thread 1 | Thread 2 |\n"
            "|----------|----------|\n"
            "| a(): 1   |          |\n"
            "| b()      | c()      |\n");
  EXPECT_EQ(history_table(texts, {{1, 0}, {0, 0}, {0, 1}, {0, 2}, {0, 3}, {1, 1}}),
            "| Thread 1 | Thread 2 |\n"
            "|----------|----------|\n"
            "| a(): 1   | c()      |\n"
            "| b()      | |        |\n");
}

struct Box {
  int value = 0;
  int swap(int next, bool really) { return really ? std::exchange(value, next) : value; }
  bool operator==(const Box& other) const { return value == other.value; }
};

TEST(Operation, TriesAllArguments) {
  const auto definition = operation(
      "swap", [](auto& box, int next, bool really) { return box.swap(next, really); }, range(1, 3),
      values(false, true));
  const auto typed = typed_operation_of<Box, Box>(definition);
  ASSERT_EQ(typed.variants(), 6u);
  std::set<std::string> texts;
  for (unsigned i = 0; i < 6; ++i) texts.insert(typed.text(i, 1));
  EXPECT_EQ(texts, (std::set<std::string>{"swap(1, false)", "swap(2, false)", "swap(3, false)",
                                          "swap(1, true)", "swap(2, true)", "swap(3, true)"}));
  Box box;
  for (unsigned i = 0; i < 6; ++i) {
    if (typed.text(i, 1) == "swap(2, true)") typed.run(box, i, 1);
  }
  EXPECT_EQ(box.value, 2);
}

// ---- Natively, on real threads ----

struct LockedBox {
  std::mutex mutex;
  Box box;
  int swap(int next, bool really) {
    const std::lock_guard lock(mutex);
    return box.swap(next, really);
  }
};

struct WrongBox {  // wrong even in one thread
  int value = 0;
  int swap(int next, bool really) { return really ? value = next : value; }
};

template <class Concurrent>
void CheckBox() {
  check_linearizable<Concurrent, Box>(
      {2, 2, 1000, 1, 5},
      operation(
          "swap", [](auto& box, int next, bool really) { return box.swap(next, really); }, fresh(),
          values(false, true)));
}

TEST(CheckLinearizable, PassesWhatIsRightNatively) { CheckBox<LockedBox>(); }

TEST(CheckLinearizableDeathTest, AbortsWithTheTableNatively) {
  EXPECT_DEATH(CheckBox<WrongBox>(), "not linearizable.*\n.*Scenario . of 10:\n\n. Thread 1");
}

}  // namespace
}  // namespace csim::detail
