// The strategies that do not search: random, round robin, replay; and the factory.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "scheduler/factory.h"
#include "scheduler/random.h"
#include "scheduler/replay.h"
#include "scheduler/round_robin.h"
#include "tests/scheduler/bounded_memory.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"

namespace csim {
namespace {

const ModelStep kRmw{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
const ModelObject kMemory{.kind = ObjectKind::kMemory};

ModelProgram TwoByThree() { return {{kMemory}, {{kRmw, kRmw, kRmw}, {kRmw, kRmw, kRmw}}}; }

Schedule ScheduleOf(const ChoiceList& choices) {
  Schedule schedule(std::pmr::new_delete_resource());
  for (auto [task, alternative] : choices) {
    schedule.Append({TaskId{static_cast<uint16_t>(task)}, alternative});
  }
  return schedule;
}

TEST(Random, ProducesExecutionsOfTheProgramAndRepeatsThemBySeed) {
  std::mt19937_64 random(1);
  int programs = 0;
  while (programs < 300) {
    ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 2, .local = true});
    Reference reference = RunAll(program, {.traces = false});
    if (reference.too_many) continue;
    ++programs;
    std::vector<ChoiceList> all = reference.Choices();
    RandomStrategy strategy(std::pmr::new_delete_resource(), 42, 20);
    Exploration found = Explore(program, strategy);
    ASSERT_EQ(found.choices.size(), 20u);
    for (const ChoiceList& choices : found.choices) {
      ASSERT_TRUE(std::binary_search(all.begin(), all.end(), choices));
    }
    RandomStrategy again(std::pmr::new_delete_resource(), 42, 20);
    ASSERT_EQ(Explore(program, again).choices, found.choices);
    // An execution depends on its number, not on those before it.
    RandomStrategy last(std::pmr::new_delete_resource(), 42, 1, 19);
    ASSERT_EQ(Explore(program, last).choices[0], found.choices[19]);
  }
}

TEST(Random, OtherSeedsGiveOtherExecutions) {
  RandomStrategy a(std::pmr::new_delete_resource(), 1, 50);
  RandomStrategy b(std::pmr::new_delete_resource(), 2, 50);
  EXPECT_NE(Explore(TwoByThree(), a).choices, Explore(TwoByThree(), b).choices);
}

// The first choice is uniform; of the 20 orders those that keep both tasks enabled longest are the
// rarest: 2^-5 each, against 2^-3 for those that end one task first.
TEST(Random, IsUniformOverTasksAtEachPoint) {
  constexpr int kExecutions = 64000;
  RandomStrategy strategy(std::pmr::new_delete_resource(), 7, kExecutions);
  std::map<ChoiceList, int> counts;
  for (const ChoiceList& choices : Explore(TwoByThree(), strategy).choices) ++counts[choices];
  EXPECT_EQ(counts.size(), 20u);
  for (const auto& [choices, count] : counts) {
    int coin_flips = 6;
    while (coin_flips > 1 && choices[static_cast<size_t>(coin_flips - 1)] == choices.back()) {
      --coin_flips;
    }
    double expected = kExecutions * std::pow(0.5, coin_flips);
    // Five standard deviations: all 20 pass but for one seed in 100,000.
    EXPECT_NEAR(count, expected, 5 * std::sqrt(expected)) << coin_flips;
  }
}

TEST(RoundRobin, SwitchesAfterEveryOperation) {
  RoundRobinStrategy strategy;
  Exploration found = Explore(TwoByThree(), strategy);
  EXPECT_EQ(found.choices,
            (std::vector<ChoiceList>{{{1, 0}, {0, 0}, {1, 0}, {0, 0}, {1, 0}, {0, 0}}}));
}

TEST(Replay, ReproducesEveryExecution) {
  std::mt19937_64 random(2);
  int programs = 0;
  while (programs < 100) {
    ModelProgram program = MakeRandomProgram(random, {.tasks = 2, .steps = 4, .local = true});
    Reference reference = RunAll(program, {.max_executions = 300, .traces = false});
    if (reference.too_many) continue;
    ++programs;
    for (const ReferenceExecution& execution : reference.executions) {
      Schedule schedule = ScheduleOf(execution.choices);
      std::pmr::string text;
      schedule.AppendText(text);
      Schedule parsed(std::pmr::new_delete_resource());
      ASSERT_EQ(parsed.Parse(text).message, nullptr) << text;
      ReplayStrategy replay(std::pmr::new_delete_resource(), parsed);
      Exploration found = Explore(program, replay);
      ASSERT_EQ(found.choices, std::vector<ChoiceList>{execution.choices}) << text;
      ASSERT_EQ(*found.results.begin(), execution.result);
      ASSERT_EQ(replay.diverged_at(), ReplayStrategy::kFollowed);
    }
  }
}

TEST(Replay, AfterTheEndTheCurrentTaskGoesOn) {
  ReplayStrategy replay(std::pmr::new_delete_resource(), ScheduleOf({{0, 0}, {1, 0}}));
  EXPECT_EQ(Explore(TwoByThree(), replay).choices,
            (std::vector<ChoiceList>{{{0, 0}, {1, 0}, {1, 0}, {1, 0}, {0, 0}, {0, 0}}}));
}

TEST(Replay, SaysWhereItCouldNotFollow) {
  struct Row {
    ChoiceList choices;
    uint64_t step;
  };
  for (const Row& row :
       {Row{{{0, 0}, {0, 0}, {0, 0}, {0, 0}}, 3}, Row{{{1, 0}, {0, 1}}, 1}, Row{{{7, 0}}, 0}}) {
    ReplayStrategy replay(std::pmr::new_delete_resource(), ScheduleOf(row.choices));
    ModelProgram program = TwoByThree();
    ModelRun run(program, std::pmr::new_delete_resource());
    EXPECT_EQ(run.Run(replay), Outcome::kDiverged);
    EXPECT_EQ(replay.diverged_at(), row.step);
    EXPECT_EQ(Index(replay.wanted().task), row.choices.back().first);
  }
}

TEST(Factory, MakesStrategiesByName) {
  BoundedMemory memory;
  const char* error = nullptr;
  {
    Schedule schedule(&memory);
    for (const char* name :
         {"auto", "dfs", "sleep-sets", "dpor", "preemption-bounded", "random", "pct", "pos", "surw",
          "reads-from", "fair-cycles", "round-robin", "replay"}) {
      StrategyPtr strategy = MakeStrategy({.name = name, .schedule = &schedule}, &memory, &error);
      ASSERT_NE(strategy, nullptr) << name;
      EXPECT_EQ(error, nullptr);
      EXPECT_GT(memory.used(), 0u);
    }
  }
  EXPECT_EQ(memory.used(), 0u);
  EXPECT_EQ(MakeStrategy({.name = "bogus"}, &memory, &error), nullptr);
  EXPECT_STREQ(error,
               "there is no strategy of this name; there are auto, dfs, sleep-sets, dpor, "
               "preemption-bounded, random, pct, pos, surw, reads-from, fair-cycles, round-robin "
               "and replay");
  EXPECT_EQ(MakeStrategy({.name = "replay"}, &memory, &error), nullptr);
  EXPECT_STREQ(error, "strategy replay needs a schedule");
}

TEST(Factory, PassesOptionsOn) {
  std::pmr::memory_resource* memory = std::pmr::new_delete_resource();
  const char* error = nullptr;
  StrategyPtr random = MakeStrategy({.name = "random", .executions = 7}, memory, &error);
  EXPECT_EQ(Explore(TwoByThree(), *random).choices.size(), 7u);
  StrategyPtr bounded = MakeStrategy({.name = "dfs", .preemptions = 0}, memory, &error);
  EXPECT_EQ(Explore(TwoByThree(), *bounded).choices.size(), 1u);
  StrategyPtr dfs = MakeStrategy({.name = "dfs"}, memory, &error);
  EXPECT_EQ(Explore(TwoByThree(), *dfs).choices.size(), 20u);
}

}  // namespace
}  // namespace csim
