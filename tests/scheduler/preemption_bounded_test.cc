// The search with rising preemption bounds against brute force: under each bound exactly the traces
// that so many preemptions lead to, whatever is known of the states explored before.
#include "scheduler/preemption_bounded.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>

#include "scheduler/state.h"
#include "tests/scheduler/bounded_memory.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"
#include "tests/scheduler/reference.h"

namespace csim {
namespace {

struct Found {
  std::map<int, std::set<std::string>> traces;  // by bound, with those of the bounds before
  size_t executions = 0;                        // that ran to their end
  size_t redundant = 0;
};

Found ExploreByBound(const ModelProgram& program, PreemptionBoundedStrategy& strategy) {
  Found found;
  ModelRun run(program, std::pmr::new_delete_resource());
  std::set<std::string> all;
  for (bool more = true; more;) {
    const auto bound = static_cast<int>(strategy.bound());
    const Outcome outcome = run.Run(strategy);
    if (outcome == Outcome::kRedundant) {
      ++found.redundant;
    } else {
      EXPECT_LE(run.preemptions, bound);
      ++found.executions;
      all.insert(run.Trace());
    }
    found.traces[bound] = all;
    more = strategy.FinishExecution(outcome);
  }
  return found;
}

std::set<std::string> TracesWithin(const Reference& reference, int bound) {
  std::set<std::string> traces;
  for (const ReferenceExecution& execution : reference.executions) {
    if (execution.preemptions <= bound) traces.insert(execution.trace);
  }
  return traces;
}

void ExpectExactlyTheTracesOfEachBound(const ModelProgram& program, const Reference& reference,
                                       size_t most_states) {
  PreemptionBoundedStrategy strategy(std::pmr::new_delete_resource(), DfsStrategy::kNoBound,
                                     most_states);
  const Found found = ExploreByBound(program, strategy);
  for (const auto& [bound, traces] : found.traces) {
    ASSERT_EQ(traces, TracesWithin(reference, bound)) << "bound " << bound << "\n"
                                                      << testing::PrintToString(program);
  }
  ASSERT_EQ(found.traces.rbegin()->second, reference.Traces());
  ASSERT_TRUE(strategy.complete());
  ASSERT_FALSE(strategy.bounded());
}

class PreemptionBoundedStates : public testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Memory, PreemptionBoundedStates,
                         testing::Values(ExploredStates::kMostEntries, 4));

TEST(PreemptionBounded, RunsExactlyTheTracesOfProcessesUnderEachBound) {
  std::mt19937_64 random(34);
  for (int seed = 0, done = 0; done < 200; ++seed) {
    const ModelProgram program = MakeRandomProgram(
        random,
        {.tasks = 2 + seed % 3, .steps = 3 - seed % 3, .flat = false, .kind = kProcessKind});
    const Reference reference = RunAll(program, {.max_executions = 1000});
    if (reference.too_many) continue;
    ++done;
    ExpectExactlyTheTracesOfEachBound(program, reference, ExploredStates::kMostEntries);
    if (HasFatalFailure()) FAIL() << "program " << seed;
  }
}

TEST_P(PreemptionBoundedStates, RunsExactlyTheTracesOfEachBound) {
  std::mt19937_64 random(21);
  for (int seed = 0, done = 0; done < 1500; ++seed) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 2 + seed % 2,
                                                            .steps = seed % 2 == 0 ? 4 : 2,
                                                            .local = seed % 3 == 0,
                                                            .flat = seed % 5 < 3});
    const Reference reference = RunAll(program, {.max_executions = 1000});
    if (reference.too_many) continue;
    ++done;
    ExpectExactlyTheTracesOfEachBound(program, reference, GetParam());
    if (HasFatalFailure()) FAIL() << "program " << seed;
  }
}

class PreemptionBoundedKind : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Kinds, PreemptionBoundedKind, testing::Range(0, kProgramKinds));
INSTANTIATE_TEST_SUITE_P(Channels, PreemptionBoundedKind, testing::Values(kChannelKind, kIpcKind));

TEST_P(PreemptionBoundedKind, RunsExactlyTheTracesOfEachBound) {
  std::mt19937_64 random(static_cast<uint64_t>(900 + GetParam()));
  for (int done = 0; done < 100;) {
    const ModelProgram program = MakeRandomProgram(
        random, {.tasks = 3, .steps = 2, .local = true, .flat = true, .kind = GetParam()});
    const Reference reference = RunAll(program, {.max_executions = 1500});
    if (reference.too_many) continue;
    ++done;
    ExpectExactlyTheTracesOfEachBound(program, reference, ExploredStates::kMostEntries);
    if (HasFatalFailure()) FAIL();
  }
}

const ModelObject kMemory{.kind = ObjectKind::kMemory};
ModelStep Rmw(int object) { return {.kind = OpKind::kAtomicRmw, .object = object, .argument = 1}; }

TEST(PreemptionBounded, OrdersOfWhatIsIndependentAreNotRepeated) {
  const std::vector<ModelStep> own[3] = {{Rmw(0), Rmw(0)}, {Rmw(1), Rmw(1)}, {Rmw(2), Rmw(2)}};
  const ModelProgram program{{kMemory, kMemory, kMemory}, {own[0], own[1], own[2]}};
  PreemptionBoundedStrategy strategy(std::pmr::new_delete_resource());
  const Found found = ExploreByBound(program, strategy);
  EXPECT_EQ(found.traces.rbegin()->second.size(), 1u);
  // 3 x 3 x 3 states, which differ in who was running; 90 interleavings.
  EXPECT_LT(found.executions, 20u);
}

TEST(PreemptionBounded, StopsAtTheHighestBound) {
  const ModelProgram program{{kMemory}, {{Rmw(0), Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0), Rmw(0)}}};
  PreemptionBoundedStrategy strategy(std::pmr::new_delete_resource(), 1);
  const Found found = ExploreByBound(program, strategy);
  EXPECT_EQ(found.traces.rbegin()->first, 1);
  EXPECT_EQ(found.traces.rbegin()->second, TracesWithin(RunAll(program), 1));
  EXPECT_FALSE(strategy.complete());
  EXPECT_TRUE(strategy.bounded());
}

TEST(PreemptionBounded, BeginsAnewAfterARestart) {
  const ModelProgram program{{kMemory}, {{Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0)}}};
  PreemptionBoundedStrategy strategy(std::pmr::new_delete_resource());
  const Exploration once = Explore(program, strategy);
  strategy.Restart();
  EXPECT_EQ(strategy.bound(), 0u);
  EXPECT_EQ(Explore(program, strategy).choices, once.choices);
}

TEST(PreemptionBounded, GoesOnFromWhereItWasSaved) {
  std::mt19937_64 random(5);
  for (int done = 0; done < 200;) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 2});
    const Reference reference = RunAll(program, {.max_executions = 300});
    if (reference.too_many) continue;
    ++done;
    ModelRun run(program, std::pmr::new_delete_resource());
    std::optional<PreemptionBoundedStrategy> strategy(std::pmr::new_delete_resource());
    std::set<std::string> traces;
    for (bool more = true; more;) {
      if (run.Run(*strategy) != Outcome::kRedundant) traces.insert(run.Trace());
      more = strategy->FinishExecution(Outcome::kCompleted);
      if (random() % 5 != 0) continue;
      StateWriter writer;
      ASSERT_TRUE(strategy->Save(writer));
      StateReader reader(writer.Seal());
      strategy.emplace(std::pmr::new_delete_resource());
      ASSERT_TRUE(strategy->Load(reader));
    }
    ASSERT_EQ(traces, reference.Traces()) << testing::PrintToString(program);
    ASSERT_TRUE(strategy->complete());
  }
}

TEST(PreemptionBounded, TakesMemoryFromItsResourceOnly) {
  const ModelProgram program{{kMemory}, {{Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0)}}};
  BoundedMemory memory;
  {
    PreemptionBoundedStrategy strategy(&memory);
    Explore(program, strategy, ~uint64_t{0}, &memory);
    EXPECT_GT(memory.used(), 0u);
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(ExploredStates, RemembersTheLargestBudget) {
  ExploredStates explored(std::pmr::new_delete_resource());
  EXPECT_FALSE(explored.Covers(7, 1));
  EXPECT_TRUE(explored.Covers(7, 1));
  EXPECT_TRUE(explored.Covers(7, 0));
  EXPECT_FALSE(explored.Covers(7, 2));
  EXPECT_TRUE(explored.Covers(7, 2));
  EXPECT_FALSE(explored.Covers(8, 0));
  explored.Clear();
  EXPECT_FALSE(explored.Covers(7, 0));
}

TEST(ExploredStates, KeepsAllUntilItIsFullAndThenForgets) {
  constexpr size_t kMost = 1 << 14;
  ExploredStates explored(std::pmr::new_delete_resource(), kMost);
  std::mt19937_64 random(1);
  std::vector<uint64_t> states(kMost / 4);
  for (uint64_t& state : states) state = random();
  for (uint64_t state : states) EXPECT_FALSE(explored.Covers(state, 3));
  size_t kept = 0;
  for (uint64_t state : states) kept += explored.Covers(state, 3);
  EXPECT_GT(kept, states.size() * 90 / 100);
  for (size_t i = 0; i < 4 * kMost; ++i) explored.Covers(random(), 3);
  kept = 0;
  for (uint64_t state : states) kept += explored.Covers(state, 3);
  EXPECT_LT(kept, states.size() / 2);
}

}  // namespace
}  // namespace csim
