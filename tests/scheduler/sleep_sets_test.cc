// Sleep sets against brute force, on random programs: every Mazurkiewicz trace, each once.
#include "scheduler/sleep_sets.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"
#include "tests/scheduler/reference.h"

namespace csim {
namespace {

bool Has(const ModelProgram& program, OpKind kind) {
  for (const auto& task : program.tasks) {
    for (const ModelStep& step : task) {
      if (step.kind == kind) return true;
    }
  }
  return false;
}

// All traces and results of the reference, no trace twice. (A value that was chosen and that the end
// of the process made pointless is not part of a trace, but was tried: such programs may have more
// executions than traces.)
void ExpectEveryTraceOnce(const ModelProgram& program, const Reference& reference) {
  SleepSetStrategy strategy(std::pmr::new_delete_resource());
  const Exploration found = Explore(program, strategy);
  ASSERT_EQ(found.traces, reference.Traces()) << testing::PrintToString(program);
  ASSERT_EQ(found.results, reference.Results()) << testing::PrintToString(program);
  if (!Has(program, OpKind::kProcessExit) || !Has(program, OpKind::kChoose)) {
    ASSERT_EQ(found.choices.size(), found.traces.size()) << testing::PrintToString(program);
  }
  ASSERT_TRUE(strategy.complete()) << testing::PrintToString(program);
}

TEST(SleepSets, RunEveryTraceOfRandomProgramsOnce) {
  std::mt19937_64 random(11);
  size_t traces = 0;
  for (int seed = 0, done = 0; done < 2500; ++seed) {
    ModelProgram program = MakeRandomProgram(random, {.tasks = 2 + seed % 2,
                                                      .steps = seed % 2 == 0 ? 4 : 2,
                                                      .local = seed % 3 == 0,
                                                      .flat = seed % 5 < 3});
    program.failed_exchange_reads = false;  // sleepers count as what they might do
    const Reference reference = RunAll(program, {.max_executions = 2000});
    if (reference.too_many) continue;
    ++done;
    traces += reference.Traces().size();
    ExpectEveryTraceOnce(program, reference);
    if (HasFatalFailure()) FAIL() << "program " << seed;
  }
  EXPECT_GT(traces, 10000u);
}

class SleepSetsKind : public testing::TestWithParam<int> {};

TEST_P(SleepSetsKind, RunEveryTraceOnce) {
  std::mt19937_64 random(static_cast<uint64_t>(500 + GetParam()));
  for (int done = 0; done < 150;) {
    ModelProgram program = MakeRandomProgram(
        random, {.tasks = 3, .steps = 2, .local = true, .flat = true, .kind = GetParam()});
    program.failed_exchange_reads = false;  // sleepers count as what they might do
    const Reference reference = RunAll(program, {.max_executions = 1500});
    if (reference.too_many) continue;
    ++done;
    ExpectEveryTraceOnce(program, reference);
    if (HasFatalFailure()) FAIL();
  }
}

TEST(SleepSets, RunEveryTraceOfProcessesOnce) {
  std::mt19937_64 random(32);
  for (int seed = 0, done = 0; done < 200; ++seed) {
    ModelProgram program = MakeRandomProgram(
        random,
        {.tasks = 2 + seed % 3, .steps = 3 - seed % 3, .flat = false, .kind = kProcessKind});
    program.failed_exchange_reads = false;  // sleepers count as what they might do
    const Reference reference = RunAll(program, {.max_executions = 1500});
    if (reference.too_many) continue;
    ++done;
    ExpectEveryTraceOnce(program, reference);
    if (HasFatalFailure()) FAIL() << "program " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, SleepSetsKind, testing::Range(0, kProgramKinds));
INSTANTIATE_TEST_SUITE_P(Channels, SleepSetsKind, testing::Values(kChannelKind, kIpcKind));

}  // namespace
}  // namespace csim
