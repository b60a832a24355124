// The strategies that sample: pct, pos, surw. What they promise, counted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "scheduler/factory.h"
#include "scheduler/pct.h"
#include "scheduler/pos.h"
#include "scheduler/surw.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"

namespace csim {
namespace {

std::pmr::memory_resource* Memory() { return std::pmr::new_delete_resource(); }

StrategyPtr Make(const char* name, uint64_t seed, uint64_t executions) {
  const char* error = nullptr;
  StrategyOptions options;
  options.name = name;
  options.seed = seed;
  options.executions = executions;
  return MakeStrategy(options, Memory(), &error);
}

class Sampling : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Strategies, Sampling,
                         testing::Values("random", "pct", "pos", "surw", "reads-from"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(Sampling, ProducesExecutionsOfTheProgramAndRepeatsThemBySeed) {
  std::mt19937_64 random(1);
  int programs = 0;
  while (programs < 300) {
    ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 2, .local = true});
    Reference reference = RunAll(program, {.traces = false});
    if (reference.too_many) continue;
    ++programs;
    std::vector<ChoiceList> all = reference.Choices();
    StrategyPtr strategy = Make(GetParam(), 42, 20);
    Exploration found = Explore(program, *strategy);
    ASSERT_EQ(found.choices.size(), 20u);
    for (const ChoiceList& choices : found.choices) {
      ASSERT_TRUE(std::binary_search(all.begin(), all.end(), choices));
    }
    StrategyPtr again = Make(GetParam(), 42, 20);
    ASSERT_EQ(Explore(program, *again).choices, found.choices);
  }
}

// Not pct: priorities that only drop cannot bring the turn back to a task while a third waits above it.
class UnboundedSampling : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Strategies, UnboundedSampling, testing::Values("random", "pos", "surw"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(UnboundedSampling, ReachesEveryInterleavingOfASmallProgram) {
  const ModelStep rmw{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
  ModelProgram program{{{.kind = ObjectKind::kMemory}}, {{rmw, rmw}, {rmw, rmw}, {rmw}}};
  StrategyPtr strategy = Make(GetParam(), 3, 5000);
  std::map<ChoiceList, int> counts;
  for (const ChoiceList& choices : Explore(program, *strategy).choices) ++counts[choices];
  EXPECT_EQ(counts.size(), 30u);  // 5! / (2! 2! 1!)
}

// A long task must perform its last operation before the short one's only one: depth 1, which a
// priority decides. A random walk needs the short task to lose as many coin tosses as the long one has
// steps.
TEST(Pct, FindsABugOfDepthOneInOneExecutionOfN) {
  const ModelStep rmw{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
  ModelProgram program{{{.kind = ObjectKind::kMemory}}, {std::vector<ModelStep>(40, rmw), {rmw}}};
  constexpr int kExecutions = 2000;
  PctStrategy strategy(Memory(), 5, kExecutions, 1);
  int found = 0;
  for (const ChoiceList& choices : Explore(program, strategy).choices)
    found += choices.back().first;
  EXPECT_GE(found, kExecutions / 2 - 5 * std::sqrt(kExecutions / 4.0));
}

// The short task has to go exactly between two given steps of the long one: depth 2, so at least
// one execution in n * k.
TEST(Pct, KeepsItsPromiseForDepthTwo) {
  const ModelStep rmw{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
  constexpr int kSteps = 20;
  ModelProgram program{{{.kind = ObjectKind::kMemory}},
                       {std::vector<ModelStep>(kSteps - 1, rmw), {rmw}}};
  constexpr int kExecutions = 40000;
  PctStrategy strategy(Memory(), 5, kExecutions, 2);
  int found = 0;
  for (const ChoiceList& choices : Explore(program, strategy).choices) {
    found += choices[7].first == 1 ? 1 : 0;
  }
  const double promised = kExecutions / (2.0 * kSteps);
  EXPECT_GE(found, promised - 5 * std::sqrt(promised));
}

// Two tasks race on one object; the first has done many operations that concern nobody before. With
// priorities of operations both orders come equally often.
TEST(Pos, BothOrdersOfARaceAreEquallyLikely) {
  const ModelStep own{.kind = OpKind::kAtomicRmw, .object = 1, .argument = 1};
  const ModelStep race{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
  std::vector<ModelStep> first(6, own);
  first.push_back(race);
  ModelProgram program{{{.kind = ObjectKind::kMemory}, {.kind = ObjectKind::kMemory}},
                       {first, {race}}};
  constexpr int kExecutions = 20000;
  PosStrategy strategy(Memory(), 9, kExecutions);
  int first_wins = 0;
  for (const ChoiceList& choices : Explore(program, strategy).choices) {
    first_wins += choices.back().first == 1 ? 1 : 0;
  }
  // The score of the short task's operation must lie below seven others: once in eight. A random
  // walk would need seven lost coin tosses: once in 128.
  EXPECT_NEAR(first_wins, kExecutions / 8.0, 5 * std::sqrt(kExecutions / 8.0));
}

// After the first execution has told how long the tasks are, all interleavings are equally likely.
TEST(Surw, IsUniformOverInterleavings) {
  const ModelStep rmw{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
  ModelProgram program{{{.kind = ObjectKind::kMemory}}, {{rmw, rmw, rmw, rmw}, {rmw, rmw}}};
  constexpr int kExecutions = 30000;
  SurwStrategy strategy(Memory(), 11, kExecutions);
  std::map<ChoiceList, int> counts;
  for (const ChoiceList& choices : Explore(program, strategy).choices) ++counts[choices];
  ASSERT_EQ(counts.size(), 15u);  // 6! / (4! 2!)
  const double expected = kExecutions / 15.0;
  for (const auto& [choices, count] : counts) EXPECT_NEAR(count, expected, 5 * std::sqrt(expected));
}

// Operations that are not selected do not change that.
TEST(Surw, IsUniformOverTheSelectedOperations) {
  const ModelStep rmw{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
  const ModelStep own{.kind = OpKind::kAtomicRmw, .object = 1, .argument = 1};
  ModelProgram program{{{.kind = ObjectKind::kMemory}, {.kind = ObjectKind::kMemory}},
                       {{own, own, own, own, rmw, rmw, rmw}, {rmw}}};
  constexpr int kExecutions = 20000;
  SurwStrategy strategy(Memory(), 11, kExecutions);
  std::map<int, int> position;  // of the second task's operation among the first's selected ones
  for (const ChoiceList& choices : Explore(program, strategy).choices) {
    int done = 0;
    for (const auto& [task, alternative] : choices) {
      if (task == 1) break;
      ++done;
    }
    ++position[std::max(0, done - 4)];
  }
  const double expected = kExecutions / 4.0;
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(position[i], expected, 5 * std::sqrt(expected)) << i;
}

}  // namespace
}  // namespace csim
