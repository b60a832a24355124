// The reads-from search finds what needs one read to see something else in a handful of executions,
// however improbable the schedule is; and what it logs is what brute force sees.
#include "scheduler/reads_from.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>

#include "scheduler/state.h"
#include "tests/scheduler/bounded_memory.h"
#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"

namespace csim {
namespace {

const ModelObject kMemory{.kind = ObjectKind::kMemory};
const ModelObject kMutex{.kind = ObjectKind::kMutex};
const ModelObject kCondition{.kind = ObjectKind::kCondition};
ModelStep Load(int object) { return {.kind = OpKind::kAtomicLoad, .object = object}; }
ModelStep Store(int object, uint64_t value) {
  return {.kind = OpKind::kAtomicStore, .object = object, .argument = value};
}
ModelStep Lock(int mutex) { return {.kind = OpKind::kMutexLock, .object = mutex}; }
ModelStep Unlock(int mutex) { return {.kind = OpKind::kMutexUnlock, .object = mutex}; }

// The number of the first execution, from 1, in which `found` holds; 0 if there is none among the first
// thousand.
int FirstExecution(const ModelProgram& program, uint64_t seed,
                   const std::function<bool(const ModelRun&, Outcome)>& found) {
  ReadsFromStrategy strategy(std::pmr::new_delete_resource(), seed, 1000);
  ModelRun run(program, std::pmr::new_delete_resource());
  for (int execution = 1;; ++execution) {
    const Outcome outcome = run.Run(strategy);
    if (found(run, outcome)) return execution;
    if (!strategy.FinishExecution(outcome)) return 0;
  }
}

void ExpectFoundWithin(int executions, const ModelProgram& program,
                       const std::function<bool(const ModelRun&, Outcome)>& found) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const int first = FirstExecution(program, seed, found);
    EXPECT_GT(first, 0) << "seed " << seed;
    EXPECT_LE(first, executions) << "seed " << seed;
  }
}

bool IsDeadlock(const ModelRun&, Outcome outcome) { return outcome == Outcome::kDeadlock; }

// Where in the execution a task did its nth operation, both from 0.
size_t PositionOf(const ModelRun& run, int task, int number) {
  for (size_t i = 0; i < run.events.size(); ++i) {
    if (run.events[i].task == task && number-- == 0) return i;
  }
  return run.events.size();
}

// Fifty tasks write to one object, then to another; the last task must read between the first such
// pair of all.
TEST(ReadsFrom, FindsTheReadBetweenTheWritesOfFiftyTasks) {
  ModelProgram program{{kMemory, kMemory}, {{Store(0, 1), Store(1, 1)}}};
  for (int i = 1; i < 50; ++i) program.tasks.push_back(program.tasks[0]);
  program.tasks.push_back({Load(0), Load(1)});
  ExpectFoundWithin(8, program, [](const ModelRun& run, Outcome) {
    const size_t first = PositionOf(run, 50, 0);
    const size_t second = PositionOf(run, 50, 1);
    bool written = false;
    for (size_t i = 0; i < second; ++i) {
      const Operation& operation = run.events[i].operation;
      if (operation.kind != OpKind::kAtomicStore) continue;
      if (operation.object == run.events[second].operation.object) return false;
      written |= i < first;
    }
    return written;
  });
}

TEST(ReadsFrom, FindsTheDeadlockOfTwoLocks) {
  const ModelProgram program{
      {kMutex, kMutex},
      {{Lock(0), Lock(1), Unlock(1), Unlock(0)}, {Lock(1), Lock(0), Unlock(0), Unlock(1)}}};
  ExpectFoundWithin(8, program, IsDeadlock);
}

TEST(ReadsFrom, FindsTheDeadlockOfThreeLocks) {
  const ModelProgram program{{kMutex, kMutex, kMutex},
                             {{Lock(0), Lock(1), Unlock(1), Unlock(0)},
                              {Lock(1), Lock(2), Unlock(2), Unlock(1)},
                              {Lock(2), Lock(0), Unlock(0), Unlock(2)}}};
  ExpectFoundWithin(60, program, IsDeadlock);
}

// The signal may come before the wait that it should end.
TEST(ReadsFrom, FindsTheLostSignal) {
  const ModelStep wait{.kind = OpKind::kCondWait, .object = 1, .object2 = 0};
  const ModelStep signal{.kind = OpKind::kCondSignal, .object = 1};
  const ModelProgram program{{kMutex, kCondition},
                             {{Lock(0), wait, Unlock(0)}, {Lock(0), signal, Unlock(0)}}};
  ExpectFoundWithin(8, program, IsDeadlock);
}

// Both tasks read before either writes, in the same lines of the source.
TEST(ReadsFrom, FindsTheLostUpdate) {
  const ModelProgram program{{kMemory}, {{Load(0), Store(0, 1)}, {Load(0), Store(0, 1)}}};
  ExpectFoundWithin(8, program, [](const ModelRun& run, Outcome) {
    const size_t first_write = std::min(PositionOf(run, 0, 1), PositionOf(run, 1, 1));
    return PositionOf(run, 0, 0) < first_write && PositionOf(run, 1, 0) < first_write;
  });
}

TEST(ReadsFrom, TriesEveryTimeoutAndEveryValue) {
  const ModelStep choose{.kind = OpKind::kChoose, .argument = 4};
  const ModelStep timed{.kind = OpKind::kMutexTimedLock, .object = 0, .deadline = 10};
  const ModelProgram program{{kMutex}, {{choose, Lock(0), Unlock(0)}, {timed, Unlock(0)}}};
  for (uint32_t value = 0; value < 4; ++value) {
    ExpectFoundWithin(20, program, [value](const ModelRun& run, Outcome) {
      return run.choices[PositionOf(run, 0, 0)].alternative == value;
    });
  }
  ExpectFoundWithin(20, program, [](const ModelRun& run, Outcome) {
    return run.choices[PositionOf(run, 1, 0)].alternative == kTimeout;
  });
}

// What reads see in one execution: for each operation the last write to its object before it.

std::map<std::pair<int, int>, std::set<std::pair<int, int>>> SightsOf(
    const std::vector<ModelEvent>& events) {
  std::map<std::pair<int, int>, std::set<std::pair<int, int>>> sights;
  std::map<int, int> numbers;
  std::map<uint32_t, std::pair<int, int>> last;
  for (const ModelEvent& event : events) {
    const std::pair<int, int> self{event.task, numbers[event.task]++};
    const uint32_t object = Index(event.operation.object);
    const Use use = UseOf(event.operation.kind, RowOf(event.operation.kind).footprint);
    if (use.reads) {
      sights[self].insert(last.contains(object) ? last[object] : std::pair<int, int>{-1, 0});
    }
    if (use.writes) last[object] = self;
  }
  return sights;
}

// The sources that the log computes from one execution of a program without locks are those that the
// reads have in all executions.
TEST(AccessLog, KnowsAllThatReadsCouldSee) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 200; ++round) {
    ModelProgram program{{kMemory, kMemory}, {{}, {}, {}}};
    for (auto& task : program.tasks) {
      for (int i = 0; i < 2; ++i) {
        const int object = static_cast<int>(random() % 2);
        const ModelStep steps[] = {Load(object),
                                   Store(object, 1),
                                   {.kind = OpKind::kAtomicRmw, .object = object, .argument = 1}};
        task.push_back(steps[random() % 3]);
      }
    }
    const Reference all = RunAll(program);
    std::map<std::pair<int, int>, std::set<std::pair<int, int>>> expected;
    ModelRun run(program, std::pmr::new_delete_resource());
    for (const ReferenceExecution& execution : all.executions) {
      run.Begin();
      for (const auto& [task, alternative] : execution.choices) {
        run.Perform({TaskId{static_cast<uint16_t>(task)}, alternative});
      }
      for (const auto& [read, seen] : SightsOf(run.events)) {
        expected[read].insert(seen.begin(), seen.end());
      }
    }
    // One execution with a log.
    AccessLog log(std::pmr::new_delete_resource());
    log.BeginExecution();
    run.Begin();
    const ChoiceList& choices = all.executions[random() % all.executions.size()].choices;
    std::vector<int> number_of(choices.size());
    std::map<uint32_t, int> numbers;
    for (size_t i = 0; i < choices.size(); ++i) {
      const TaskId task{static_cast<uint16_t>(choices[i].first)};
      number_of[i] = numbers[choices[i].first]++;
      const Operation operation = run.machine.task(task).pending;
      log.BeginOperation(run.machine, task, choices[i].second);
      log.Add(task, static_cast<uint32_t>(i), Index(operation.object), operation.kind,
              UseOf(operation.kind, RowOf(operation.kind).footprint));
      run.Perform({task, choices[i].second});
    }
    std::map<std::pair<int, int>, std::set<std::pair<int, int>>> found;
    log.ForEachSource([&](const LoggedAccess& read, const LoggedAccess* write) {
      const auto name = [&](const LoggedAccess& access) {
        return std::pair<int, int>{Index(access.task), number_of[access.operation]};
      };
      found[name(read)].insert(write == nullptr ? std::pair<int, int>{-1, 0} : name(*write));
    });
    ASSERT_EQ(found, expected) << testing::PrintToString(program);
  }
}

constexpr uint64_t kExecutions = 60;

std::vector<ChoiceList> RunSome(const ModelProgram& program, ReadsFromStrategy& strategy,
                                uint64_t executions) {
  std::vector<ChoiceList> all;
  ModelRun run(program, std::pmr::new_delete_resource());
  for (uint64_t i = 0; i < executions; ++i) {
    const Outcome outcome = run.Run(strategy);
    all.push_back(ListOf(run.choices));
    strategy.FinishExecution(outcome);
  }
  return all;
}

std::string Saved(const ReadsFromStrategy& strategy) {
  StateWriter writer;
  EXPECT_TRUE(strategy.Save(writer));
  return std::string(writer.Seal());
}

// Whoever ends in the middle of something confuses neither its log nor its plans.
TEST(ReadsFrom, ExecutionsOfProcessesAreThoseOfBruteForce) {
  std::mt19937_64 random(8);
  size_t found = 0;
  size_t all = 0;
  for (int seed = 0, done = 0; done < 200; ++seed) {
    const ModelProgram program = MakeRandomProgram(
        random, {.tasks = 2 + seed % 3, .steps = 2, .flat = false, .kind = kProcessKind});
    const Reference reference = RunAll(program, {.max_executions = 500});
    if (reference.too_many) continue;
    ++done;
    ReadsFromStrategy strategy(std::pmr::new_delete_resource(), 7, 200);
    const Exploration search = Explore(program, strategy);
    const std::set<std::string> traces = reference.Traces();
    ASSERT_TRUE(
        std::includes(traces.begin(), traces.end(), search.traces.begin(), search.traces.end()))
        << testing::PrintToString(program);
    found += search.traces.size();
    all += traces.size();
  }
  EXPECT_GT(found * 2, all);
}

TEST(ReadsFrom, GoesOnFromWhereItWasSaved) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 200; ++i) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 3, .local = true});
    ReadsFromStrategy strategy(std::pmr::new_delete_resource(), 7, kExecutions);
    const std::vector<ChoiceList> whole = RunSome(program, strategy, kExecutions);
    std::vector<ChoiceList> parts;
    std::string state;
    while (parts.size() < whole.size()) {
      ReadsFromStrategy part(std::pmr::new_delete_resource(), 7, kExecutions);
      StateReader reader(state);
      ASSERT_TRUE(state.empty() || part.Load(reader));
      ASSERT_TRUE(state.empty() || Saved(part) == state);
      const uint64_t most = std::min<uint64_t>(1 + random() % 20, whole.size() - parts.size());
      const std::vector<ChoiceList> next = RunSome(program, part, most);
      parts.insert(parts.end(), next.begin(), next.end());
      state = Saved(part);
    }
    ASSERT_EQ(parts, whole) << testing::PrintToString(program);
  }
}

// A state that somebody has made up is refused, or another search; never a crash.
TEST(ReadsFrom, AStateMadeUpIsRefusedOrSearchedFrom) {
  std::mt19937_64 random(6);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 3});
    ReadsFromStrategy strategy(std::pmr::new_delete_resource(), 7, kExecutions);
    RunSome(program, strategy, 1 + random() % 20);
    std::string state = Saved(strategy);
    state.resize(state.size() - kSealSize);
    const size_t at = random() % state.size();
    if (random() % 4 == 0) state.resize(at);
    if (at < state.size()) state[at] = static_cast<char>(random());
    uint64_t seal = SealOf(state);
    for (size_t b = 0; b < kSealSize; ++b, seal >>= 8) state.push_back(static_cast<char>(seal));
    ReadsFromStrategy made_up(std::pmr::new_delete_resource(), 7, kExecutions);
    StateReader reader(state);
    if (made_up.Load(reader)) {
      RunSome(program, made_up, 30);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(ReadsFrom, TakesMemoryFromItsResourceOnly) {
  const ModelProgram program{{kMemory}, {{Load(0), Store(0, 1)}, {Load(0), Store(0, 1)}}};
  BoundedMemory memory;
  {
    ReadsFromStrategy strategy(&memory, 1, 50);
    EXPECT_EQ(Explore(program, strategy, ~uint64_t{0}, &memory).choices.size(), 50u);
    strategy.Restart();
  }
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace csim
