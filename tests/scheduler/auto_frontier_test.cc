// The rounds of `auto`: tiny at first, the same after a restart or from saved bytes, and over when the
// exhaustive search is.
#include "scheduler/auto_frontier.h"

#include <gtest/gtest.h>

#include "scheduler/factory.h"
#include "scheduler/state.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"

namespace csim {
namespace {

std::unique_ptr<Frontier> Make() { return MakeFrontier({.name = "auto", .seed = 3}); }

// Explores one part, as a worker does.
PartResult RunPart(const ModelProgram& program, const Part& part, Exploration* all) {
  const char* error = nullptr;
  StrategyPtr strategy =
      MakeStrategy({.name = part.strategy, .seed = 3, .executions = part.executions},
                   std::pmr::new_delete_resource(), &error);
  if (!part.state.empty()) {
    StateReader reader(part.state);
    EXPECT_TRUE(strategy->Load(reader));
  }
  ModelRun run(program, std::pmr::new_delete_resource());
  PartResult result;
  while (!result.finished && result.executions < part.executions) {
    const Outcome outcome = run.Run(*strategy);
    ++result.executions;
    if (outcome != Outcome::kRedundant) {
      all->choices.push_back(ListOf(run.choices));
      all->traces.insert(run.Trace());
    }
    result.finished = !strategy->FinishExecution(outcome);
  }
  result.complete = strategy->complete();
  result.bounded = strategy->bounded();
  StateWriter writer;
  if (strategy->Save(writer)) result.state = writer.Seal();
  return result;
}

// The parts of a round come back in reverse, which must not matter.
void RunRound(const ModelProgram& program, Frontier& frontier, const std::vector<Part>& parts,
              Exploration* all) {
  std::vector<PartResult> results;
  for (const Part& part : parts) results.push_back(RunPart(program, part, all));
  for (size_t i = parts.size(); i-- > 0;) frontier.Return(i, std::move(results[i]));
}

TEST(AutoFrontier, ExploresEveryTraceAndIsCompleteThen) {
  std::mt19937_64 random(31);
  for (int done = 0; done < 150;) {
    const ModelProgram program =
        MakeRandomProgram(random, {.tasks = 3, .steps = 3, .local = true, .flat = done % 2 == 0});
    const Reference reference = RunAll(program, {.max_executions = 1000});
    if (reference.too_many) continue;
    ++done;
    const std::unique_ptr<Frontier> frontier = Make();
    Exploration found;
    for (;;) {
      const std::vector<Part> parts = frontier->NextRound();
      if (parts.empty()) break;
      ASSERT_FALSE(frontier->complete());
      RunRound(program, *frontier, parts, &found);
    }
    ASSERT_EQ(found.traces, reference.Traces()) << testing::PrintToString(program);
    ASSERT_TRUE(frontier->complete());
    ASSERT_FALSE(frontier->bounded());
  }
}

// Three tasks whose operations are on one object: 11! / (4! 4! 3!) = 11,550 traces, too many for the
// first rounds.
ModelProgram Large() {
  const ModelStep rmw{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1};
  return {{{.kind = ObjectKind::kMemory}},
          {std::vector(4, rmw), std::vector(4, rmw), std::vector(3, rmw)}};
}

TEST(AutoFrontier, ItsFirstRoundsAreTiny) {
  const std::unique_ptr<Frontier> frontier = Make();
  Exploration unused;
  std::vector<Part> parts = frontier->NextRound();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].strategy, "dpor");
  EXPECT_EQ(parts[0].executions, 1u);
  RunRound(Large(), *frontier, parts, &unused);
  parts = frontier->NextRound();
  EXPECT_EQ(parts[0].strategy, "reads-from");
  uint64_t executions = 0;
  for (const Part& part : parts) executions += part.executions;
  EXPECT_LE(executions, 20u);
}

TEST(AutoFrontier, GoesOnFromWhereItWasSavedAndBeginsAnewAfterARestart) {
  std::unique_ptr<Frontier> frontier = Make();
  Exploration whole;
  Exploration parts;
  for (auto round = frontier->NextRound(); !round.empty(); round = frontier->NextRound()) {
    RunRound(Large(), *frontier, round, &whole);
  }
  EXPECT_TRUE(frontier->complete());
  EXPECT_EQ(whole.traces.size(), 11550u);
  frontier->Restart();
  EXPECT_FALSE(frontier->complete());
  for (auto round = frontier->NextRound(); !round.empty(); round = frontier->NextRound()) {
    RunRound(Large(), *frontier, round, &parts);
    const std::string state = frontier->Save();
    frontier = Make();
    ASSERT_TRUE(frontier->Load(state));
  }
  EXPECT_TRUE(parts.choices == whole.choices);
}

TEST(AutoFrontier, SleepSetsTakeThePlaceOfASearchThatGaveUp) {
  const std::unique_ptr<Frontier> frontier = Make();
  frontier->NextRound();
  frontier->Return(
      0, {.executions = 1, .finished = true, .complete = false, .bounded = false, .state = ""});
  const std::vector<Part> parts = frontier->NextRound();
  ASSERT_FALSE(parts.empty());
  EXPECT_EQ(parts.back().strategy, "sleep-sets");
  Exploration found;
  RunRound(Large(), *frontier, parts, &found);
  while (true) {
    const std::vector<Part> more = frontier->NextRound();
    if (more.empty()) break;
    RunRound(Large(), *frontier, more, &found);
  }
  EXPECT_TRUE(frontier->complete());
  EXPECT_EQ(found.traces.size(), 11550u);
}

TEST(AutoFrontier, ADamagedStateIsRefused) {
  const std::unique_ptr<Frontier> frontier = Make();
  Exploration unused;
  for (int i = 0; i < 3; ++i) RunRound(Large(), *frontier, frontier->NextRound(), &unused);
  const std::string state = frontier->Save();
  for (size_t at = 0; at < state.size(); at += 7) {
    std::string damaged = state;
    damaged[at] ^= 4;
    EXPECT_FALSE(Make()->Load(damaged));
  }
  EXPECT_FALSE(Make()->Load(""));
}

}  // namespace
}  // namespace csim
