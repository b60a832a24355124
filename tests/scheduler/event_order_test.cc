// What EventOrder says of one execution against all executions of its trace, by brute force.
#include "scheduler/event_order.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/scheduler/random_program.h"
#include "tests/scheduler/reference.h"

namespace csim {
namespace {

using EventName = std::pair<int, uint32_t>;  // task of the program, number among its events from 1

struct Run {
  std::map<EventName, size_t> places;  // in the execution
  std::map<int, TaskId> ids;
};

// Runs the choices; `order` (may be null) is told of each event.
Run RunChoices(const ChoiceList& choices, ModelRun& run, EventOrder* order) {
  Run result;
  std::map<int, uint32_t> counts;
  run.Begin();
  if (order != nullptr) {
    order->BeginExecution();
    order->Start();
  }
  for (const auto& [task, alternative] : choices) {
    const TaskId id{static_cast<uint16_t>(task)};
    if (order != nullptr) order->Add(run.machine, id, alternative);
    run.Perform({id, alternative});
    const int number = run.events.back().task;
    result.ids[number] = id;
    result.places[{number, ++counts[number]}] = run.events.size();
  }
  return result;
}

// How many pairs of marks were compared, and how many of them are ordered.
struct Count {
  size_t all = 0;
  size_t ordered = 0;
};

void CompareTrace(const ModelProgram& program, const std::vector<ChoiceList>& executions,
                  Count* count) {
  ModelRun run(program, std::pmr::new_delete_resource());
  std::vector<Run> runs;
  for (const ChoiceList& choices : executions) runs.push_back(RunChoices(choices, run, nullptr));
  EventOrder order(std::pmr::new_delete_resource());
  const Run& first = runs.front();
  RunChoices(executions.front(), run, &order);
  for (const auto& [a, place_a] : first.places) {
    for (const auto& [b, place_b] : first.places) {
      if (a.first == b.first) continue;
      bool always = true;
      for (const Run& other : runs) always = always && other.places.at(a) < other.places.at(b);
      const bool before = order.Before(run.machine, {first.ids.at(a.first), a.second - 1},
                                       {first.ids.at(b.first), b.second});
      ASSERT_EQ(before, always) << "event " << a.second << " of task " << a.first << ", event "
                                << b.second << " of task " << b.first << "\n"
                                << testing::PrintToString(program);
      ++count->all;
      count->ordered += before ? 1 : 0;
    }
  }
}

// (Which operations come before the end of the process, where others cannot notice them, is not part of a
// trace.)
bool ExitsEarly(const ModelProgram& program) {
  for (const auto& task : program.tasks) {
    for (const ModelStep& step : task) {
      if (step.kind == OpKind::kProcessExit) return true;
    }
  }
  return false;
}

TEST(EventOrder, IsWhatAllExecutionsOfTheTraceHaveInCommon) {
  std::mt19937_64 random(5);
  Count count;
  for (int seed = 0, done = 0; done < 600; ++seed) {
    const ModelProgram program = MakeRandomProgram(
        random, {.tasks = 2 + seed % 2, .steps = 3, .local = seed % 3 == 0, .flat = seed % 2 == 0});
    // In virtual time a timeout counts as dependent with everything, though not all orders can be.
    if (!program.options.timeouts_any || ExitsEarly(program)) continue;
    const Reference reference = RunAll(program, {.max_executions = 400});
    if (reference.too_many) continue;
    ++done;
    std::map<std::string, std::vector<ChoiceList>> traces;
    for (const ReferenceExecution& e : reference.executions) traces[e.trace].push_back(e.choices);
    for (const auto& [trace, executions] : traces) {
      CompareTrace(program, executions, &count);
      if (testing::Test::HasFatalFailure()) FAIL() << "program " << seed;
    }
  }
  EXPECT_GT(count.ordered, 10000u);
  EXPECT_GT(count.all - count.ordered, 10000u);
}

TEST(EventOrder, KnowsNothingFromBeforeItsStart) {
  ModelProgram program;
  program.objects = {{.kind = ObjectKind::kMemory}};
  program.tasks = {
      {{.kind = OpKind::kAtomicStore, .object = 0}},
      {{.kind = OpKind::kAtomicStore, .object = 0}, {.kind = OpKind::kAtomicLoad, .object = 0}}};
  ModelRun run(program, std::pmr::new_delete_resource());
  EventOrder order(std::pmr::new_delete_resource());
  run.Begin();
  order.BeginExecution();
  const TaskId zero{0};
  const TaskId one{1};
  run.Perform({one, 0});
  order.Start();
  for (const TaskId task : {zero, one}) {
    order.Add(run.machine, task, 0);
    run.Perform({task, 0});
  }
  EXPECT_EQ(order.MarkOf(one).events, 1u);
  EXPECT_TRUE(order.Before(run.machine, {zero, 0}, {one, 1}));
  EXPECT_FALSE(order.Before(run.machine, {zero, 1}, {one, 1}));
  EXPECT_FALSE(order.Before(run.machine, {one, 0}, {zero, 1}));
}

}  // namespace
}  // namespace csim
