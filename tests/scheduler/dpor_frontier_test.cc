// Optimal exploration in parts: however it is cut, every trace of a program is explored once.
#include "scheduler/dpor_frontier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "scheduler/dpor.h"
#include "scheduler/state.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"
#include "tests/scheduler/reference.h"

namespace csim {
namespace {

// A strategy may use the memory that it was given, and no other.
class NoOtherMemory {
 public:
  NoOtherMemory() : before_(std::pmr::set_default_resource(std::pmr::null_memory_resource())) {}
  ~NoOtherMemory() { std::pmr::set_default_resource(before_); }
  NoOtherMemory(const NoOtherMemory&) = delete;
  NoOtherMemory& operator=(const NoOtherMemory&) = delete;

 private:
  std::pmr::memory_resource* before_;
};

PartResult RunPart(const ModelProgram& program, const Part& part, Exploration* all) {
  const NoOtherMemory no_other_memory;
  DporStrategy strategy(std::pmr::new_delete_resource());
  if (!part.state.empty()) {
    StateReader reader(part.state);
    EXPECT_TRUE(strategy.Load(reader));
  }
  PartResult result;
  ModelRun run(program, std::pmr::new_delete_resource());
  bool more = true;
  while (more && result.executions < part.executions) {
    const Outcome outcome = run.Run(strategy);
    ++result.executions;
    if (outcome == Outcome::kRedundant) {
      ++all->redundant;
    } else {
      all->choices.push_back(ListOf(run.choices));
      all->results.insert(run.Result());
      all->traces.insert(run.Trace());
    }
    more = strategy.FinishExecution(outcome);
  }
  result.finished = !more;
  result.complete = strategy.complete();
  result.bounded = strategy.bounded();
  StateWriter writer;
  EXPECT_TRUE(strategy.Save(writer));
  result.state = writer.Seal();
  return result;
}

// The parts of each round are explored and returned in a random order; now and then the frontier goes
// through its bytes.
Exploration ExploreInParts(const ModelProgram& program, const DporFrontier::Sizes& sizes,
                           std::mt19937_64& random) {
  Exploration all;
  auto frontier = std::make_unique<DporFrontier>(sizes);
  for (std::vector<Part> parts = frontier->NextRound(); !parts.empty();
       parts = frontier->NextRound()) {
    EXPECT_LE(parts.size(), sizes.parts);
    std::vector<size_t> order(parts.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (size_t i : order) frontier->Return(i, RunPart(program, parts[i], &all));
    if (random() % 3 != 0) continue;
    const std::string state = frontier->Save();
    frontier = std::make_unique<DporFrontier>(sizes);
    EXPECT_TRUE(frontier->Load(state));
    EXPECT_EQ(frontier->Save(), state);
  }
  EXPECT_TRUE(frontier->complete());
  // When all is explored, the whole is known.
  if (const std::optional<TotalEstimate> total = frontier->estimate()) {
    EXPECT_EQ(total->executions, static_cast<double>(all.choices.size() + all.redundant));
  }
  return all;
}

TEST(DporFrontier, EveryTraceOnceHoweverItIsCut) {
  std::mt19937_64 random(3);
  size_t redundant = 0;
  size_t total = 0;
  for (int done = 0; done < 4000;) {
    ModelProgram program = MakeRandomProgram(
        random, {.tasks = 2 + done % 2, .steps = done % 2 == 0 ? 4 : 3, .local = done % 3 == 0});
    program.options.timeouts_any = true;
    DporStrategy strategy(std::pmr::new_delete_resource());
    const Exploration whole = Explore(program, strategy);
    if (whole.choices.size() < 2 || whole.choices.size() > 1000) continue;
    ++done;
    const DporFrontier::Sizes sizes{1 + random() % 6, 1 + random() % 3, 1 + random() % 20};
    const Exploration parts = ExploreInParts(program, sizes, random);
    ASSERT_EQ(parts.traces, whole.traces) << testing::PrintToString(program);
    ASSERT_EQ(parts.choices.size(), whole.choices.size()) << testing::PrintToString(program);
    redundant += parts.redundant;
    total += parts.choices.size();
  }
  // Parts that are explored at the same time cannot tell each other everything.
  EXPECT_LT(redundant * 200, total);
}

TEST(DporFrontier, EveryTraceOfProcessesOnceHoweverItIsCut) {
  std::mt19937_64 random(6);
  for (int seed = 0, done = 0; done < 400; ++seed) {
    ModelProgram program = MakeRandomProgram(
        random, {.tasks = 2 + seed % 3, .steps = 3, .flat = false, .kind = kProcessKind});
    program.options.timeouts_any = true;
    const Reference reference = RunAll(program, {.max_executions = 500, .traces = false});
    if (reference.too_many) continue;
    DporStrategy strategy(std::pmr::new_delete_resource());
    const Exploration whole = Explore(program, strategy);
    if (whole.choices.size() < 2) continue;
    ++done;
    const DporFrontier::Sizes sizes{1 + random() % 6, 1 + random() % 3, 1 + random() % 20};
    const Exploration parts = ExploreInParts(program, sizes, random);
    ASSERT_EQ(parts.traces, whole.traces) << testing::PrintToString(program);
    ASSERT_EQ(parts.choices.size(), whole.choices.size()) << testing::PrintToString(program);
  }
}

TEST(DporFrontier, RoundsDoNotDependOnTheOrderOfReturns) {
  std::mt19937_64 random(4);
  const DporFrontier::Sizes sizes{4, 2, 8};
  for (int i = 0; i < 200; ++i) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 3});
    DporFrontier forwards(sizes);
    DporFrontier backwards(sizes);
    for (int round = 0; round < 20; ++round) {
      const std::vector<Part> parts = forwards.NextRound();
      const std::vector<Part> others = backwards.NextRound();
      ASSERT_EQ(parts.size(), others.size());
      Exploration unused;
      for (size_t k = 0; k < parts.size(); ++k) {
        ASSERT_EQ(parts[k].state, others[k].state);
        forwards.Return(k, RunPart(program, parts[k], &unused));
      }
      for (size_t k = parts.size(); k-- > 0;) {
        backwards.Return(k, RunPart(program, others[k], &unused));
      }
    }
  }
}

TEST(DporFrontier, ADamagedStateIsRefused) {
  std::mt19937_64 random(5);
  const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 4});
  DporFrontier frontier({4, 2, 8});
  Exploration unused;
  for (const Part& part : frontier.NextRound()) frontier.Return(0, RunPart(program, part, &unused));
  const std::string state = frontier.Save();
  for (size_t i = 0; i < state.size(); ++i) {
    std::string damaged = state;
    damaged[i] ^= static_cast<char>(1 << random() % 8);
    ASSERT_FALSE(frontier.Load(damaged));
    ASSERT_FALSE(frontier.Load(std::string_view(state).substr(0, i)));
  }
  EXPECT_TRUE(frontier.Load(state));
}

}  // namespace
}  // namespace csim
