#include "scheduler/dfs.h"

#include <gtest/gtest.h>

#include "tests/scheduler/bounded_memory.h"
#include "tests/scheduler/explore.h"

namespace csim {
namespace {

constexpr ModelObject kMutex{.kind = ObjectKind::kMutex};
constexpr ModelObject kMemory{.kind = ObjectKind::kMemory};
constexpr ModelObject kCondition{.kind = ObjectKind::kCondition};
constexpr ModelObject kSemaphore{.kind = ObjectKind::kSemaphore};

ModelStep Op(OpKind kind, int object = -1) { return {.kind = kind, .object = object}; }
ModelStep Lock(int m) { return Op(OpKind::kMutexLock, m); }
ModelStep Unlock(int m) { return Op(OpKind::kMutexUnlock, m); }
ModelStep Load(int x) { return Op(OpKind::kAtomicLoad, x); }
ModelStep Store(int x) { return {.kind = OpKind::kAtomicStore, .object = x, .argument = 1}; }
ModelStep Rmw(int x) { return {.kind = OpKind::kAtomicRmw, .object = x, .argument = 1}; }
ModelStep Yield() { return Op(OpKind::kYield); }
ModelStep Sleep() { return {.kind = OpKind::kSleep, .deadline = 10}; }

// Rows with the exact numbers of executions, deadlocked ones, and different results.
struct ProgramRow {
  const char* name;
  ModelProgram program;
  size_t executions;
  size_t deadlocks;
  size_t results;
};
void PrintTo(const ProgramRow& row, std::ostream* os) { *os << row.name; }

class DfsProgram : public testing::TestWithParam<ProgramRow> {};

TEST_P(DfsProgram, HasThisManyExecutions) {
  DfsStrategy dfs(std::pmr::new_delete_resource());
  ModelRun run(GetParam().program, std::pmr::new_delete_resource());
  size_t executions = 0;
  size_t deadlocks = 0;
  std::set<std::string> results;
  bool more = true;
  while (more) {
    Outcome outcome = run.Run(dfs);
    ++executions;
    deadlocks += outcome == Outcome::kDeadlock;
    results.insert(run.Result());
    more = dfs.FinishExecution(outcome);
  }
  EXPECT_EQ(executions, GetParam().executions);
  EXPECT_EQ(deadlocks, GetParam().deadlocks);
  EXPECT_EQ(results.size(), GetParam().results);
  EXPECT_TRUE(dfs.complete());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DfsProgram,
    testing::Values(
        // (a+b)! / a! b! orders of a and b operations.
        ProgramRow{"one task", {{kMemory}, {{Load(0), Store(0)}}}, 1, 0, 1},
        ProgramRow{"1 + 1", {{kMemory}, {{Store(0)}, {Load(0)}}}, 2, 0, 2},
        ProgramRow{"2 + 2", {{kMemory}, {{Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0)}}}, 6, 0, 6},
        ProgramRow{
            "3 + 3", {{kMemory}, {{Rmw(0), Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0), Rmw(0)}}}, 20, 0, 20},
        ProgramRow{"1 + 1 + 1", {{kMemory}, {{Rmw(0)}, {Rmw(0)}, {Rmw(0)}}}, 6, 0, 6},
        // Store buffering: 6 orders, three pairs of values.
        ProgramRow{"SB", {{kMemory, kMemory}, {{Store(0), Load(1)}, {Store(1), Load(0)}}}, 6, 0, 3},
        // One critical section after the other, in two orders.
        ProgramRow{
            "one lock each", {{kMutex}, {{Lock(0), Unlock(0)}, {Lock(0), Unlock(0)}}}, 2, 0, 1},
        // Who locks first: deadlock, or the other gets in between the unlocks or after both.
        ProgramRow{
            "AB-BA",
            {{kMutex, kMutex},
             {{Lock(0), Lock(1), Unlock(1), Unlock(0)}, {Lock(1), Lock(0), Unlock(0), Unlock(1)}}},
            6,
            2,
            2},
        ProgramRow{
            "AB-AB",
            {{kMutex, kMutex},
             {{Lock(0), Lock(1), Unlock(1), Unlock(0)}, {Lock(0), Lock(1), Unlock(1), Unlock(0)}}},
            2,
            0,
            1},
        // The signal comes before the wait in one execution.
        ProgramRow{"lost wake-up",
                   {{kMutex, kCondition},
                    {{Lock(0), {.kind = OpKind::kCondWait, .object = 1, .object2 = 0}, Unlock(0)},
                     {Op(OpKind::kCondSignal, 1)}}},
                   3,
                   2,
                   2},
        ProgramRow{"a semaphore orders",
                   {{kSemaphore, kMemory},
                    {{Store(1), {.kind = OpKind::kSemPost, .object = 0, .argument = 1}},
                     {Op(OpKind::kSemWait, 0), Load(1)}}},
                   1,
                   0,
                   1},
        ProgramRow{"a choice of three",
                   {{kMemory}, {{{.kind = OpKind::kChoose, .argument = 3}}, {Store(0)}}},
                   3,
                   0,
                   3},
        ProgramRow{"local operations do not multiply",
                   {{kMemory},
                    {{Yield(), Sleep(), Op(OpKind::kFence), Yield()},
                     {Yield(), Sleep(), Op(OpKind::kFence), Store(0)}}},
                   1,
                   0,
                   1},
        ProgramRow{"create and join do not multiply",
                   {{kMemory},
                    {{Op(OpKind::kThreadCreate, 1), Op(OpKind::kThreadCreate, 2),
                      Op(OpKind::kThreadJoin, 1), Op(OpKind::kThreadJoin, 2)},
                     {Rmw(0)},
                     {Rmw(0)}},
                    false},
                   2,
                   0,
                   2}));

// Records what the first execution does.
std::vector<int> FirstExecution(const ModelProgram& program, DfsStrategy& dfs, uint64_t max_steps) {
  ModelRun run(program, std::pmr::new_delete_resource());
  run.Run(dfs, max_steps);
  std::vector<int> tasks;
  for (const ModelEvent& event : run.events) tasks.push_back(event.task);
  return tasks;
}

TEST(Dfs, FirstExecutionHasFewSwitches) {
  ModelProgram program{{kMemory}, {{Rmw(0), Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0)}}};
  DfsStrategy dfs(std::pmr::new_delete_resource());
  EXPECT_EQ(FirstExecution(program, dfs, 100), (std::vector<int>{0, 0, 0, 1, 1}));
}

TEST(Dfs, AfterAYieldTheNextTaskComes) {
  ModelProgram program{{kMemory}, {{Rmw(0), Yield(), Rmw(0)}, {Rmw(0), Yield(), Rmw(0)}}};
  DfsStrategy dfs(std::pmr::new_delete_resource());
  EXPECT_EQ(FirstExecution(program, dfs, 100), (std::vector<int>{0, 0, 1, 1, 0, 1}));
}

TEST(Dfs, ALongRunGivesTheOthersATurn) {
  std::vector<ModelStep> polls(Turns::kMaxRun + 500, Load(0));
  ModelProgram program{{kMemory}, {polls, {Store(0)}}};
  DfsStrategy dfs(std::pmr::new_delete_resource());
  std::vector<int> tasks = FirstExecution(program, dfs, 1000000);
  EXPECT_EQ(std::find(tasks.begin(), tasks.end(), 1) - tasks.begin(),
            static_cast<long>(Turns::kMaxRun));
}

TEST(Dfs, ATaskThatSleepsForEverDoesNotKeepOthersFromRunning) {
  std::vector<ModelStep> sleeps(5 * Turns::kMaxLocalRun, Sleep());
  ModelProgram program{{kMemory}, {{Store(0), Store(0)}, sleeps}};
  DfsStrategy dfs(std::pmr::new_delete_resource());
  std::vector<int> tasks = FirstExecution(program, dfs, 1000000);
  EXPECT_LE(std::find(tasks.begin(), tasks.end(), 0) - tasks.begin(),
            static_cast<long>(Turns::kMaxLocalRun));
  EXPECT_TRUE(dfs.bounded());
}

TEST(Dfs, RestartBeginsAnew) {
  ModelProgram program{{kMemory}, {{Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0)}}};
  DfsStrategy dfs(std::pmr::new_delete_resource(), 1);
  Exploration once = Explore(program, dfs);
  EXPECT_TRUE(dfs.bounded());
  dfs.Restart();
  EXPECT_FALSE(dfs.bounded());
  EXPECT_EQ(Explore(program, dfs).choices, once.choices);
  dfs.Restart();
  ModelRun run(program, std::pmr::new_delete_resource());
  for (int i = 0; i < 3; ++i) {
    run.Run(dfs);
    dfs.FinishExecution(Outcome::kCompleted);
  }
  dfs.Restart();  // in the middle
  EXPECT_EQ(Explore(program, dfs).choices, once.choices);
}

TEST(Dfs, PreemptionBoundZeroRunsTaskAfterTask) {
  ModelProgram program{{kMemory}, {{Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0)}, {Rmw(0), Rmw(0)}}};
  DfsStrategy dfs(std::pmr::new_delete_resource(), 0);
  Exploration found = Explore(program, dfs);
  EXPECT_EQ(found.choices.size(), 2u);  // main is the running task at the start
  EXPECT_FALSE(dfs.complete());
  EXPECT_TRUE(dfs.bounded());
}

TEST(Dfs, AProgramThatDoesNotRepeatItselfIsNoticed) {
  ModelProgram first{{kMemory}, {{Rmw(0), Rmw(0)}, {Rmw(0)}}};
  ModelProgram second{{kMemory}, {{Rmw(0)}, {Yield()}}};
  DfsStrategy dfs(std::pmr::new_delete_resource());
  ModelRun a(first, std::pmr::new_delete_resource());
  ModelRun b(second, std::pmr::new_delete_resource());
  a.Run(dfs);
  EXPECT_TRUE(dfs.FinishExecution(Outcome::kCompleted));
  EXPECT_EQ(b.Run(dfs), Outcome::kDiverged);
  while (dfs.FinishExecution(Outcome::kDiverged)) a.Run(dfs);
  EXPECT_FALSE(dfs.complete());
}

TEST(Dfs, TakesMemoryFromItsResourceOnlyAndLittleOfIt) {
  std::vector<ModelStep> steps(10, Rmw(0));
  ModelProgram program{{kMemory}, {steps, {Rmw(0), Rmw(0)}}};
  Exploration expected;
  {
    DfsStrategy dfs(std::pmr::new_delete_resource());
    expected = Explore(program, dfs);
  }
  BoundedMemory memory;
  {
    DfsStrategy dfs(&memory);
    Exploration found = Explore(program, dfs, ~uint64_t{0}, &memory);
    EXPECT_EQ(found.choices, expected.choices);
    size_t allocations = memory.allocations();
    dfs.Restart();
    EXPECT_EQ(Explore(program, dfs, ~uint64_t{0}, &memory).choices, expected.choices);
    // The second time, only the new machine of Explore needed memory.
    EXPECT_LT(memory.allocations() - allocations, 20u);
    EXPECT_LT(memory.used(), 1000u);
  }
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace csim
