// A search that is cut into parts, each by a strategy of its own that goes on from what was saved, has
// the executions of the search in one piece.
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "scheduler/factory.h"
#include "scheduler/state.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"

namespace csim {
namespace {

struct Search {
  const char* strategy;
  std::optional<uint32_t> preemptions;
  uint64_t executions = 60;  // of a strategy that samples
};

void PrintTo(const Search& search, std::ostream* os) {
  *os << search.strategy;
  if (search.preemptions) *os << " with " << *search.preemptions << " preemptions";
}

// `done`: executions that were run before.
StrategyPtr Make(const Search& search, uint64_t done = 0) {
  const char* error = nullptr;
  return MakeStrategy({.name = search.strategy,
                       .seed = 7,
                       .executions = search.executions - done,
                       .preemptions = search.preemptions},
                      std::pmr::new_delete_resource(), &error);
}

std::string Saved(const Strategy& strategy) {
  StateWriter writer;
  EXPECT_TRUE(strategy.Save(writer));
  return std::string(writer.Seal());
}

bool Loaded(Strategy& strategy, std::string_view state) {
  StateReader reader(state);
  return strategy.Load(reader);
}

struct Executions {
  std::vector<ChoiceList> choices;
  std::vector<Outcome> outcomes;
  bool complete = false;
  bool bounded = false;
  friend bool operator==(const Executions&, const Executions&) = default;
};

// Runs at most so many executions. False if the strategy wants no more.
bool RunPart(const ModelProgram& program, Strategy& strategy, uint64_t executions,
             Executions* all) {
  constexpr uint64_t kMaxSteps = 40;  // some are cut
  ModelRun run(program, std::pmr::new_delete_resource());
  for (uint64_t i = 0; i < executions; ++i) {
    all->outcomes.push_back(run.Run(strategy, kMaxSteps));
    all->choices.push_back(ListOf(run.choices));
    const bool more = strategy.FinishExecution(all->outcomes.back());
    all->complete = strategy.complete();
    all->bounded = strategy.bounded();
    if (!more) return false;
  }
  return true;
}

constexpr uint64_t kTooMany = 2000;

class Parts : public testing::TestWithParam<Search> {};
INSTANTIATE_TEST_SUITE_P(Strategies, Parts,
                         testing::Values(Search{"dfs", {}}, Search{"dfs", 1},
                                         Search{"sleep-sets", {}}, Search{"dpor", {}},
                                         Search{"round-robin", {}}, Search{"random", {}},
                                         Search{"pct", {}}, Search{"pos", {}}, Search{"surw", {}}));

TEST_P(Parts, CutAnywhereGiveTheSameExecutions) {
  std::mt19937_64 random(1);
  for (int programs = 0; programs < 300;) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 3, .local = true});
    Executions whole;
    StrategyPtr strategy = Make(GetParam());
    if (RunPart(program, *strategy, kTooMany, &whole)) continue;
    ++programs;
    Executions parts;
    strategy = Make(GetParam());
    while (RunPart(program, *strategy, 1 + random() % 7, &parts)) {
      const std::string state = Saved(*strategy);
      strategy = Make(GetParam(), parts.choices.size());
      ASSERT_TRUE(Loaded(*strategy, state));
      ASSERT_EQ(Saved(*strategy), state);
    }
    ASSERT_EQ(parts, whole) << testing::PrintToString(program);
  }
}

// A state in the middle of the search of some program.
std::string SomeState(const Search& search, std::mt19937_64& random, const ModelProgram& program) {
  StrategyPtr strategy = Make(search);
  Executions unused;
  RunPart(program, *strategy, 1 + random() % 20, &unused);
  return Saved(*strategy);
}

TEST_P(Parts, ADamagedStateIsRefused) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 3});
    const std::string state = SomeState(GetParam(), random, program);
    std::string damaged = state;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    ASSERT_FALSE(Loaded(*Make(GetParam()), damaged));
    ASSERT_FALSE(Loaded(*Make(GetParam()), std::string_view(state).substr(0, state.size() - 1)));
    ASSERT_FALSE(Loaded(*Make(GetParam()), ""));
  }
}

// Whoever repairs the seal too gets another search, or none; never a crash.
TEST_P(Parts, AStateMadeUpIsRefusedOrSearchedFrom) {
  std::mt19937_64 random(3);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 3});
    std::string state = SomeState(GetParam(), random, program);
    state.resize(state.size() - kSealSize);
    if (state.empty()) state.push_back(0);
    const size_t at = random() % state.size();
    if (random() % 4 == 0) state.resize(at);
    if (at < state.size()) state[at] = static_cast<char>(random());
    uint64_t seal = SealOf(state);
    for (size_t b = 0; b < kSealSize; ++b, seal >>= 8) state.push_back(static_cast<char>(seal));
    StrategyPtr strategy = Make(GetParam());
    if (!Loaded(*strategy, state)) {
      ++refused;
      continue;
    }
    Executions unused;
    RunPart(program, *strategy, 50, &unused);
  }
  EXPECT_GT(refused, 0);
}

TEST(State, NumbersOfAllSizesComeBack) {
  StateWriter writer;
  for (int shift = 0; shift < 64; ++shift) {
    writer.Number(uint64_t{1} << shift);
    writer.Number((uint64_t{1} << shift) - 1);
  }
  writer.Number(~uint64_t{0});
  writer.Bytes("text");
  StateReader reader(writer.Seal());
  for (int shift = 0; shift < 64; ++shift) {
    EXPECT_EQ(reader.Number(), uint64_t{1} << shift);
    EXPECT_EQ(reader.Number(), (uint64_t{1} << shift) - 1);
  }
  EXPECT_EQ(reader.Number(), ~uint64_t{0});
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_EQ(reader.Bytes(), "text");
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_EQ(reader.Number(), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(State, WhatIsTooLargeIsRefused) {
  StateWriter writer;
  writer.Number(1000);
  const std::string state(writer.Seal());
  EXPECT_EQ(StateReader(state).Number(1000), 1000u);
  StateReader reader(state);
  EXPECT_EQ(reader.Number(999), 0u);
  EXPECT_FALSE(reader.ok());
  StateReader counter(state);
  EXPECT_EQ(counter.Count(), 0u);  // no 1000 things follow
  EXPECT_FALSE(counter.ok());
}

}  // namespace
}  // namespace csim
