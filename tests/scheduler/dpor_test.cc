// Optimal DPOR against brute force, on random programs: every Mazurkiewicz trace, each once, and
// nothing else.
#include "scheduler/dpor.h"

#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "tests/scheduler/bounded_memory.h"
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

// In virtual time a timeout depends on whether anybody else can go on, which the traces do not
// tell: the search is finer there and may run a trace more than once.
bool IsExact(const ModelProgram& program) { return program.options.timeouts_any; }

// Whether the exit of a child interrupts its parent says the parent's last setting: an exit that is tried
// before another setting is taken for what it was after it, and may turn out to be in vain. So it is with whom an
// end below a process concerns that becomes a reaper of orphans.
bool ChangesReach(const ModelProgram& program) {
  for (const auto& task : program.tasks) {
    for (const ModelStep& step : task) {
      const bool handles = step.setting == ModelSetting::kHandle && step.argument == SIGCHLD;
      const bool reaps = step.setting == ModelSetting::kReaper;
      if (step.kind == OpKind::kSignalSetting && (handles || reaps)) return true;
    }
  }
  return false;
}

// (A value that was chosen and that the end of the process made pointless is not part of a trace,
// but was tried: such programs may have more executions than traces.)
void ExpectEveryTraceOnce(const ModelProgram& program, const Reference& reference) {
  DporStrategy strategy(std::pmr::new_delete_resource());
  const Exploration found = Explore(program, strategy);
  ASSERT_EQ(found.traces, reference.Traces()) << testing::PrintToString(program);
  ASSERT_EQ(found.results, reference.Results()) << testing::PrintToString(program);
  ASSERT_TRUE(strategy.complete()) << testing::PrintToString(program);
  if (!IsExact(program)) return;
  if (!Has(program, OpKind::kProcessExit) || !Has(program, OpKind::kChoose)) {
    ASSERT_EQ(found.choices.size(), found.traces.size()) << testing::PrintToString(program);
  }
  if (!ChangesReach(program)) {
    ASSERT_EQ(found.redundant, 0u) << testing::PrintToString(program);
  }
}

TEST(Dpor, RunsEveryTraceOfRandomProgramsOnce) {
  std::mt19937_64 random(11);
  size_t traces = 0;
  for (int seed = 0, done = 0; done < 14500; ++seed) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 2 + seed % 2,
                                                            .steps = seed % 2 == 0 ? 4 : 2,
                                                            .local = seed % 3 == 0,
                                                            .flat = seed % 5 < 3});
    const Reference reference = RunAll(program, {.max_executions = 1000});
    if (reference.too_many) continue;
    ++done;
    traces += reference.Traces().size();
    ExpectEveryTraceOnce(program, reference);
    if (HasFatalFailure()) FAIL() << "program " << seed;
  }
  EXPECT_GT(traces, 50000u);
}

class DporKind : public testing::TestWithParam<int> {};

TEST_P(DporKind, RunsEveryTraceOnce) {
  std::mt19937_64 random(static_cast<uint64_t>(500 + GetParam()));
  for (int done = 0; done < 500;) {
    const ModelProgram program = MakeRandomProgram(
        random, {.tasks = 3, .steps = 2, .local = true, .flat = true, .kind = GetParam()});
    const Reference reference = RunAll(program, {.max_executions = 1500});
    if (reference.too_many) continue;
    ++done;
    ExpectEveryTraceOnce(program, reference);
    if (HasFatalFailure()) FAIL();
  }
}

// main spawns tasks that do nothing but write one location: n! traces.
ModelProgram Writers(int n) {
  ModelProgram program;
  program.objects.push_back({.kind = ObjectKind::kMemory});
  for (int i = 0; i < n; ++i) {
    program.tasks.push_back({{.kind = OpKind::kAtomicRmw, .object = 0, .argument = 1}});
  }
  return program;
}

TEST(Dpor, TheSameTwice) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200; ++i) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 3, .local = true});
    DporStrategy first(std::pmr::new_delete_resource());
    DporStrategy second(std::pmr::new_delete_resource());
    ASSERT_EQ(Explore(program, first).choices, Explore(program, second).choices);
  }
}

TEST(Dpor, CountersUnderAMutexHaveAsManyTracesAsOrders) {
  ModelProgram program;
  program.objects.push_back({.kind = ObjectKind::kMutex});
  for (size_t n = 1, orders = 1; n <= 6; orders *= ++n) {
    program.tasks.push_back(
        {{.kind = OpKind::kMutexLock, .object = 0}, {.kind = OpKind::kMutexUnlock, .object = 0}});
    DporStrategy strategy(std::pmr::new_delete_resource());
    const Exploration found =
        Explore(program, strategy, ~uint64_t{0}, std::pmr::new_delete_resource(), false);
    EXPECT_EQ(found.choices.size(), orders) << n;
    EXPECT_EQ(found.redundant, 0u);
  }
}

// Ordered forks: BENCH's figures are those of two other tools.
TEST(Dpor, PhilosophersWithOrderedForks) {
  for (const auto& [n, expected] : {std::pair{3, 6u}, {4, 14u}, {5, 30u}, {6, 62u}}) {
    ModelProgram program;
    for (int i = 0; i < n; ++i) {
      const int left = std::min(i, (i + 1) % n);
      const int right = std::max(i, (i + 1) % n);
      program.objects.push_back({.kind = ObjectKind::kMutex});
      program.tasks.push_back({{.kind = OpKind::kMutexLock, .object = left},
                               {.kind = OpKind::kMutexLock, .object = right},
                               {.kind = OpKind::kMutexUnlock, .object = right},
                               {.kind = OpKind::kMutexUnlock, .object = left}});
    }
    DporStrategy strategy(std::pmr::new_delete_resource());
    const Exploration found =
        Explore(program, strategy, ~uint64_t{0}, std::pmr::new_delete_resource(), false);
    EXPECT_EQ(found.choices.size(), expected) << n;
    EXPECT_EQ(found.redundant, 0u);
  }
}

TEST(Dpor, MemoryIsFlatFromTenThousandToAMillionExecutions) {
  BoundedMemory memory;
  DporStrategy strategy(&memory);
  const ModelProgram program = Writers(10);
  ModelRun run(program, std::pmr::new_delete_resource());
  run.recording = false;
  size_t at_ten_thousand = 0;
  for (int i = 0; i < 1000000; ++i) {
    const Outcome outcome = run.Run(strategy);
    ASSERT_EQ(outcome, Outcome::kCompleted);
    ASSERT_TRUE(strategy.FinishExecution(outcome));
    if (i == 10000) at_ten_thousand = memory.used();
  }
  EXPECT_LE(memory.used(), at_ten_thousand + (size_t{1} << 16));
}

// The child starts, locks, writes, unlocks, exits; SIGKILL comes before one of these, or after all.
TEST(Dpor, AChildIsKilledOnceBeforeEachThingItDoes) {
  ModelProgram program;
  program.flat = false;
  program.objects = {{.kind = ObjectKind::kMutex}, {.kind = ObjectKind::kMemory}};
  const SignalOrder kill{SignalOrder::kProcess, SIGKILL, 1};
  const ProcessFilter child{.which = ProcessFilter::kPid, .number = 1};
  program.tasks = {{{.kind = OpKind::kFork, .object = 1},
                    {.kind = OpKind::kSignal, .argument = kill.Encode()},
                    {.kind = OpKind::kWaitProcess, .argument = child.Encode()},
                    {.kind = OpKind::kExit}},
                   {{.kind = OpKind::kMutexLock, .object = 0},
                    {.kind = OpKind::kPlainWrite, .object = 1, .argument = 1},
                    {.kind = OpKind::kMutexUnlock, .object = 0},
                    {.kind = OpKind::kExit}}};
  DporStrategy strategy(std::pmr::new_delete_resource());
  const Exploration found = Explore(program, strategy);
  EXPECT_EQ(found.choices.size(), 6u);
  EXPECT_EQ(found.redundant, 0u);
  EXPECT_EQ(found.traces, RunAll(program).Traces());
}

TEST(Dpor, RunsEveryTraceOfProcessesOnce) {
  std::mt19937_64 random(31);
  size_t traces = 0;
  for (int seed = 0, done = 0; done < 1200; ++seed) {
    const ModelProgram program = MakeRandomProgram(
        random,
        {.tasks = 2 + seed % 3, .steps = 3 - seed % 3, .flat = false, .kind = kProcessKind});
    const Reference reference = RunAll(program, {.max_executions = 1500});
    if (reference.too_many) continue;
    ++done;
    traces += reference.Traces().size();
    ExpectEveryTraceOnce(program, reference);
    if (HasFatalFailure()) FAIL() << "program " << seed;
  }
  EXPECT_GT(traces, 10000u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DporKind, testing::Range(0, kProgramKinds));
INSTANTIATE_TEST_SUITE_P(Channels, DporKind, testing::Values(kChannelKind, kIpcKind));

}  // namespace
}  // namespace csim
