// Frontiers: the parts that they hand out are the whole search, each execution once, and what they
// save goes on in the same way.
#include <gtest/gtest.h>

#include <random>

#include "scheduler/factory.h"
#include "scheduler/sampling_frontier.h"
#include "scheduler/single_frontier.h"
#include "scheduler/state.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"

namespace csim {
namespace {

constexpr uint64_t kSeed = 5;

StrategyPtr Make(const std::string& name, uint64_t executions) {
  const char* error = nullptr;
  return MakeStrategy({.name = name, .seed = kSeed, .executions = executions},
                      std::pmr::new_delete_resource(), &error);
}

// Explores a part as a worker would.
PartResult RunPart(const ModelProgram& program, const Part& part, std::vector<ChoiceList>* all) {
  StrategyPtr strategy = Make(part.strategy, part.executions);
  if (!part.state.empty()) {
    StateReader reader(part.state);
    EXPECT_TRUE(strategy->Load(reader));
  }
  ModelRun run(program, std::pmr::new_delete_resource());
  PartResult result;
  for (bool more = true; more && result.executions < part.executions; ++result.executions) {
    const Outcome outcome = run.Run(*strategy, 40);
    all->push_back(ListOf(run.choices));
    more = strategy->FinishExecution(outcome);
    result.finished = !more;
  }
  result.complete = strategy->complete();
  result.bounded = strategy->bounded();
  StateWriter writer;
  if (strategy->Save(writer)) result.state = writer.Seal();
  return result;
}

// A whole search: the parts of each round in random order, the frontier saved and loaded now and then.
// The executions are in the order of the parts.
std::vector<ChoiceList> RunAllParts(const ModelProgram& program, const std::string& strategy,
                                    uint64_t executions, std::mt19937_64& random, bool* complete) {
  const StrategyOptions options{.name = strategy, .seed = kSeed, .executions = executions};
  std::unique_ptr<Frontier> frontier = MakeFrontier(options);
  std::vector<ChoiceList> all;
  for (;;) {
    const std::string state = frontier->Save();
    if (random() % 2 == 0) {
      frontier = MakeFrontier(options);
      EXPECT_TRUE(frontier->Load(state));
      EXPECT_EQ(frontier->Save(), state);
    }
    const std::vector<Part> parts = frontier->NextRound();
    if (parts.empty()) break;
    std::vector<size_t> order(parts.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    std::vector<std::vector<ChoiceList>> found(parts.size());
    for (const size_t i : order) frontier->Return(i, RunPart(program, parts[i], &found[i]));
    for (const auto& of_part : found) all.insert(all.end(), of_part.begin(), of_part.end());
  }
  *complete = frontier->complete();
  return all;
}

class Samples : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Strategies, Samples, testing::Values("random", "pct", "pos", "surw"));

TEST_P(Samples, InPartsAreThoseOfOneRun) {
  std::mt19937_64 random(1);
  for (const uint64_t executions : {1, 2, 15, 16, 17, 79, 80, 81, 500, 1000}) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 4});
    std::vector<ChoiceList> whole;
    RunPart(program, {GetParam(), "", executions}, &whole);
    ASSERT_EQ(whole.size(), executions);
    bool complete = true;
    EXPECT_EQ(RunAllParts(program, GetParam(), executions, random, &complete), whole);
    EXPECT_FALSE(complete);
  }
}

TEST(SamplingFrontier, HasPartsForAllJobsAndNoCrumbs) {
  SamplingFrontier frontier("random", 1'000'000);
  uint64_t sum = 0;
  size_t rounds = 0;
  StateWriter nothing_learnt;
  nothing_learnt.Number(16);
  const std::string state(nothing_learnt.Seal());
  for (std::vector<Part> parts; !(parts = frontier.NextRound()).empty(); ++rounds) {
    EXPECT_EQ(parts.size() > 1, rounds > 0);
    for (size_t i = 0; i < parts.size(); ++i) {
      sum += parts[i].executions;
      frontier.Return(i, {.executions = parts[i].executions, .finished = true, .state = state});
    }
  }
  EXPECT_EQ(sum, 1'000'000u);
  EXPECT_LT(rounds, 30u);
}

class Systematic : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Strategies, Systematic, testing::Values("dfs", "sleep-sets"),
                         [](const auto& info) { return std::string(info.param, 3); });

TEST_P(Systematic, InPartsIsTheSameSearch) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20; ++i) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 2, .steps = 4});
    StrategyPtr strategy = Make(GetParam(), 0);
    std::vector<ChoiceList> whole;
    const PartResult result = RunPart(program, {GetParam(), "", kUnlimited}, &whole);
    bool complete = false;
    EXPECT_EQ(RunAllParts(program, GetParam(), 0, random, &complete), whole);
    EXPECT_EQ(complete, result.complete);
  }
}

TEST(SingleFrontier, RestartBeginsAnew) {
  SingleFrontier frontier("dfs");
  frontier.Return(0, {.executions = 3, .finished = true, .complete = true, .state = "state"});
  EXPECT_TRUE(frontier.NextRound().empty());
  EXPECT_TRUE(frontier.complete());
  frontier.Restart();
  EXPECT_FALSE(frontier.complete());
  ASSERT_EQ(frontier.NextRound().size(), 1u);
  EXPECT_EQ(frontier.NextRound()[0].state, "");
}

TEST(Frontier, ADamagedOrForeignStateIsRefused) {
  for (const char* name : {"dfs", "random"}) {
    const std::unique_ptr<Frontier> frontier = MakeFrontier({.name = name});
    const std::string state = frontier->Save();
    for (size_t i = 0; i < state.size(); ++i) {
      std::string damaged = state;
      damaged[i] ^= 4;
      EXPECT_FALSE(frontier->Load(damaged)) << i;
    }
    EXPECT_FALSE(MakeFrontier({.name = "pos"})->Load(state));
    EXPECT_TRUE(frontier->Load(state));
  }
}

}  // namespace
}  // namespace csim
