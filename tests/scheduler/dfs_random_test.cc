// Depth-first search against brute force, on random programs.
#include <gtest/gtest.h>

#include <map>

#include "scheduler/dfs.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"
#include "tests/scheduler/reference.h"

namespace csim {
namespace {

ProgramShape ShapeOf(int seed) {
  return {.tasks = 2 + seed % 2,
          .steps = seed % 2 == 0 ? 4 : 2,
          .local = seed % 3 == 0,
          .flat = seed % 5 < 3};
}

// Calls check(program, seed) for random programs that have not too many executions.
template <typename Check>
void ForRandomPrograms(uint64_t stream, int count, Check check) {
  std::mt19937_64 random(stream);
  int done = 0;
  for (int seed = 0; done < count; ++seed) {
    ModelProgram program = MakeRandomProgram(random, ShapeOf(seed));
    if (!check(program)) continue;
    ++done;
    if (testing::Test::HasFatalFailure()) {
      FAIL() << "program " << seed << ": " << testing::PrintToString(program);
    }
  }
}

Exploration ExploreWithoutTraces(const ModelProgram& program, Strategy& strategy,
                                 uint64_t max_steps = ~uint64_t{0}) {
  return Explore(program, strategy, max_steps, std::pmr::new_delete_resource(), false);
}

TEST(DfsRandom, RunsEveryExecutionOnce) {
  size_t total = 0;
  size_t most = 0;
  ForRandomPrograms(1, 3000, [&](const ModelProgram& program) {
    Reference reference = RunAll(program, {.local_at_once = true, .traces = false});
    if (reference.too_many) return false;
    DfsStrategy dfs(std::pmr::new_delete_resource());
    Exploration found = ExploreWithoutTraces(program, dfs);
    [&] {
      ASSERT_EQ(found.Sorted(), reference.Choices());
      ASSERT_EQ(found.results, reference.Results());
      ASSERT_TRUE(dfs.complete());
      ASSERT_FALSE(dfs.bounded());
    }();
    total += found.choices.size();
    most = std::max(most, found.choices.size());
    return true;
  });
  EXPECT_GT(total, 100000u);
  EXPECT_GT(most, 1000u);
}

TEST(DfsRandom, LocalOperationsLoseNothing) {
  ForRandomPrograms(2, 1000, [&](const ModelProgram& program) {
    Reference reference = RunAll(program);
    if (reference.too_many) return false;
    DfsStrategy dfs(std::pmr::new_delete_resource());
    Exploration found = Explore(program, dfs);
    [&] {
      ASSERT_EQ(found.traces, reference.Traces());
      ASSERT_EQ(found.results, reference.Results());
      ASSERT_LE(found.choices.size(), reference.executions.size());
    }();
    return true;
  });
}

TEST(DfsRandom, EqualTracesHaveEqualResults) {
  ForRandomPrograms(3, 1000, [&](const ModelProgram& program) {
    Reference reference = RunAll(program);
    if (reference.too_many) return false;
    std::map<std::string, std::string> result_of;
    [&] {
      for (const ReferenceExecution& execution : reference.executions) {
        auto [at, fresh] = result_of.insert({execution.trace, execution.result});
        ASSERT_EQ(at->second, execution.result) << execution.trace;
      }
    }();
    return true;
  });
}

// The dependence relation and kLocal again, with programs of mostly one kind of operations.
class DfsRandomKind : public testing::TestWithParam<int> {};

TEST_P(DfsRandomKind, TracesAreAllFoundAndDetermineResults) {
  std::mt19937_64 random(static_cast<uint64_t>(100 + GetParam()));
  for (int done = 0; done < 150;) {
    ModelProgram program = MakeRandomProgram(
        random, {.tasks = 3, .steps = 2, .local = true, .flat = true, .kind = GetParam()});
    Reference reference = RunAll(program, {.max_executions = 1500});
    if (reference.too_many) continue;
    ++done;
    std::map<std::string, std::string> result_of;
    for (const ReferenceExecution& execution : reference.executions) {
      auto [at, fresh] = result_of.insert({execution.trace, execution.result});
      ASSERT_EQ(at->second, execution.result) << execution.trace << testing::PrintToString(program);
    }
    DfsStrategy dfs(std::pmr::new_delete_resource());
    ASSERT_EQ(Explore(program, dfs).traces, reference.Traces()) << testing::PrintToString(program);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, DfsRandomKind, testing::Range(0, kProgramKinds));
INSTANTIATE_TEST_SUITE_P(Channels, DfsRandomKind, testing::Values(kChannelKind, kIpcKind));

TEST(DfsRandom, TracesOfProcessesAreAllFoundAndDetermineResults) {
  std::mt19937_64 random(33);
  for (int seed = 0, done = 0; done < 400; ++seed) {
    const ModelProgram program = MakeRandomProgram(
        random,
        {.tasks = 2 + seed % 3, .steps = 3 - seed % 3, .flat = false, .kind = kProcessKind});
    const Reference reference = RunAll(program, {.max_executions = 1500});
    if (reference.too_many) continue;
    ++done;
    std::map<std::string, std::string> result_of;
    for (const ReferenceExecution& execution : reference.executions) {
      auto [at, fresh] = result_of.insert({execution.trace, execution.result});
      ASSERT_EQ(at->second, execution.result) << execution.trace << testing::PrintToString(program);
    }
    DfsStrategy dfs(std::pmr::new_delete_resource());
    ASSERT_EQ(Explore(program, dfs).traces, reference.Traces()) << testing::PrintToString(program);
  }
}

TEST(DfsRandom, PreemptionBoundsCutExactlyWhatCostsMore) {
  ForRandomPrograms(4, 500, [&](const ModelProgram& program) {
    Reference full = RunAll(program, {.max_executions = 1000});
    if (full.too_many) return false;
    for (int bound = 0; bound <= 3; ++bound) {
      Reference reference = RunAll(program, {.local_at_once = true, .preemption_bound = bound});
      std::set<std::string> results;
      std::set<std::string> traces;
      for (const ReferenceExecution& execution : full.executions) {
        if (execution.preemptions > bound) continue;
        results.insert(execution.result);
        traces.insert(execution.trace);
      }
      DfsStrategy dfs(std::pmr::new_delete_resource(), static_cast<uint32_t>(bound));
      Exploration found = Explore(program, dfs);
      [&] {
        ASSERT_EQ(found.Sorted(), reference.Choices()) << "bound " << bound;
        ASSERT_EQ(found.results, results) << "bound " << bound;
        ASSERT_EQ(found.traces, traces) << "bound " << bound;
        ASSERT_NE(dfs.complete(), dfs.bounded());
        if (dfs.complete()) ASSERT_EQ(found.results, full.Results());
      }();
      if (testing::Test::HasFatalFailure()) break;
    }
    return true;
  });
}

TEST(DfsRandom, ExecutionsCutAnywhereAreRunOnceEach) {
  ForRandomPrograms(5, 500, [&](const ModelProgram& program) {
    for (size_t limit : {1u, 2u, 4u, 7u}) {
      Reference reference =
          RunAll(program, {.local_at_once = true, .max_steps = limit, .traces = false});
      if (reference.too_many) return false;
      DfsStrategy dfs(std::pmr::new_delete_resource());
      Exploration found = ExploreWithoutTraces(program, dfs, limit);
      [&] { ASSERT_EQ(found.Sorted(), reference.Choices()) << "limit " << limit; }();
      if (testing::Test::HasFatalFailure()) break;
    }
    return true;
  });
}

}  // namespace
}  // namespace csim
