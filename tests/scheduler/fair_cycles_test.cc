// The search for fair cycles against the whole graph of states, on random programs with loops.
#include "scheduler/fair_cycles.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "scheduler/machine_state.h"
#include "scheduler/tasks.h"
#include "tests/scheduler/bounded_memory.h"

namespace csim {
namespace {

// One operation of a looping task, and where it goes on.
struct LoopStep {
  OpKind kind = OpKind::kYield;
  int object = 0;
  uint64_t value = 0;  // stores: what; choices: how many ways
  int next = -1;       // -1: the step behind this one
  int otherwise = -1;  // after a try-lock in vain, a load of 0, a choice of 0; -1: `next`
};

struct LoopProgram {
  int mutexes = 0;
  int words = 0;
  std::vector<std::vector<LoopStep>> tasks =
      {};  // main's is empty: it joins nobody and only ends last
};

void PrintTo(const LoopProgram& program, std::ostream* os) {
  for (size_t t = 0; t < program.tasks.size(); ++t) {
    *os << "  task " << t << ":";
    for (const LoopStep& step : program.tasks[t]) {
      *os << " " << RowOf(step.kind).name << "(" << step.object << "," << step.value << ")>"
          << step.next << "/" << step.otherwise;
    }
    *os << "\n";
  }
}

class LoopRun final : public StateSource {
 public:
  explicit LoopRun(const LoopProgram& program) : program_(program) {}

  // Main (task 0) has made all others before the first scheduling point, and waits for the first.
  void Begin() {
    machine.Reset({}, nullptr);
    keys_.BeginExecution();
    objects_.clear();
    memory_.assign(static_cast<size_t>(program_.words), 0);
    next_.assign(program_.tasks.size() + 1, 0);
    for (int i = 0; i < program_.mutexes + program_.words; ++i) {
      const auto kind = i < program_.mutexes ? ObjectKind::kMutex : ObjectKind::kMemory;
      objects_.push_back(machine.AddObject(kind));
    }
    for (size_t i = 1; i <= program_.tasks.size(); ++i) {
      const TaskId id = machine.AddTask(kMainTask);
      machine.SetPending(kMainTask, {.kind = OpKind::kThreadCreate,
                                     .object = machine.task(id).thread_object,
                                     .argument = Index(id)});
      machine.Execute(kMainTask, kNormal);
    }
    machine.SetPending(kMainTask, {.kind = OpKind::kThreadJoin,
                                   .object = machine.task(TaskId{1}).thread_object,
                                   .argument = 1});
    keys_.See(machine);
  }

  std::vector<Choice> Enabled() const {
    std::vector<Choice> enabled;
    for (const TaskId id : machine.live_tasks()) {
      const Alternatives ways = machine.EnabledOf(id);
      for (uint32_t i = 0; i < ways.count; ++i) enabled.push_back({id, ways.first + i});
    }
    return enabled;
  }

  void Perform(Choice choice) {
    const OpKind kind = machine.task(choice.task).pending.kind;
    const OpResult result = machine.Execute(choice.task, choice.alternative);
    if (choice.task == kMainTask) return machine.Finish(kMainTask);
    const auto& steps = program_.tasks[Index(choice.task) - 1];
    int& next = next_[Index(choice.task)];
    if (kind != OpKind::kThreadStart) {
      const LoopStep& step = steps[static_cast<size_t>(next)];
      const bool failed = Effect(step, result);
      const int to = failed && step.otherwise >= 0 ? step.otherwise : step.next;
      next = to < 0 ? next + 1 : to;
    }
    if (static_cast<size_t>(next) >= steps.size()) return machine.Finish(choice.task);
    const LoopStep& step = steps[static_cast<size_t>(next)];
    Operation operation{.kind = step.kind, .argument = step.value};
    if (step.kind != OpKind::kYield && step.kind != OpKind::kChoose) {
      operation.object = objects_[static_cast<size_t>(step.object)];
    }
    machine.SetPending(choice.task, operation);
  }

  // All that the future depends on.
  std::string Text() const {
    std::string text;
    for (const int next : next_) text += std::to_string(next) + " ";
    for (const uint64_t word : memory_) text += std::to_string(word) + " ";
    for (const TaskId id : machine.live_tasks()) {
      text += "t" + std::to_string(Index(id)) + ":" +
              std::to_string(static_cast<int>(machine.task(id).pending.kind));
    }
    for (int i = 0; i < program_.mutexes; ++i) {
      text += " m" + std::to_string(Index(machine.object(objects_[static_cast<size_t>(i)]).owner));
    }
    return text;
  }

  StateHash State() const override {
    Digest digest = StateOfMachine(machine, keys_);
    for (size_t i = 0; i < next_.size(); ++i) {
      digest.JoinWord(i, static_cast<uint64_t>(next_[i]));
    }
    for (size_t i = 0; i < memory_.size(); ++i) digest.JoinWord(1000 + i, memory_[i]);
    return {digest.a, digest.b, known};
  }

  Machine machine{std::pmr::get_default_resource()};
  bool known = true;

 private:
  // True if what it asked for is not so.
  bool Effect(const LoopStep& step, const OpResult& result) {
    switch (step.kind) {
      case OpKind::kMutexTryLock: return result.error != 0;
      case OpKind::kChoose: return result.value == 0;
      case OpKind::kAtomicStore: Word(step) = step.value; return false;
      case OpKind::kAtomicLoad: return Word(step) == 0;
      default: return false;
    }
  }
  uint64_t& Word(const LoopStep& step) {
    return memory_[static_cast<size_t>(step.object - program_.mutexes)];
  }

  const LoopProgram& program_;
  StableKeys keys_{std::pmr::get_default_resource()};
  std::vector<ObjectId> objects_;
  std::vector<uint64_t> memory_;
  std::vector<int> next_;  // by TaskId
};

// ---- The whole graph, by brute force ----

constexpr size_t kTooMany = 3000;  // states

// Every state by every choice, each from a run of its own. False if there are too many.
bool BuildAll(const LoopProgram& program, StateGraph* graph) {
  std::map<std::string, StateGraph::Node> nodes;
  std::vector<std::vector<Choice>> ways{{}};
  LoopRun run(program);
  const auto go = [&](const std::vector<Choice>& way) {
    run.Begin();
    for (const Choice choice : way) run.Perform(choice);
  };
  const auto node_of = [&](const std::vector<Choice>& way) {
    const auto [at, is_new] =
        nodes.insert({run.Text(), static_cast<StateGraph::Node>(nodes.size())});
    if (is_new && at->second > 0) ways.push_back(way);
    return at->second;
  };
  go({});
  node_of({});
  std::vector<std::vector<StateGraph::Edge>> edges;
  for (size_t i = 0; i < ways.size(); ++i) {
    if (ways.size() > kTooMany) return false;
    go(ways[i]);
    std::vector<StateGraph::Edge> mine;
    for (const Choice choice : run.Enabled()) {
      const bool draws = run.machine.task(choice.task).pending.kind == OpKind::kChoose;
      mine.push_back({.choice = choice,
                      .demand = Index(choice.task),
                      .draw = draws ? 100u + 100u * Index(choice.task) + choice.alternative
                                    : StateGraph::kNoDemand});
    }
    for (StateGraph::Edge& edge : mine) {
      std::vector<Choice> way = ways[i];
      way.push_back(edge.choice);
      go(way);
      edge.to = node_of(way);
    }
    edges.push_back(mine);
  }
  for (const auto& mine : edges) {
    graph->Add({graph->size(), 0, true}, mine, static_cast<uint32_t>(mine.size()));
  }
  return true;
}

// ---- The strategy ----

struct Search {
  bool complete = false;
  int livelocks = 0;
  uint64_t executions = 0;
  std::vector<std::set<uint32_t>> tasks;  // of the livelocks
};

struct Moment {
  std::string state;
  std::set<uint32_t> enabled;  // tasks
  Choice choice;
};

// The tasks of the last round; fails if it was not fair.
std::set<uint32_t> TasksOfRound(const std::vector<Moment>& round) {
  std::set<uint32_t> enabled;
  std::set<uint32_t> went;
  for (const Moment& moment : round) {
    enabled.insert(moment.enabled.begin(), moment.enabled.end());
    went.insert(Index(moment.choice.task));
  }
  EXPECT_EQ(enabled, went) << "somebody is passed over";
  return went;
}

Search RunSearch(const LoopProgram& program, FairCyclesStrategy& strategy, bool known = true) {
  Search search;
  LoopRun run(program);
  run.known = known;
  for (bool more = true; more;) {
    run.Begin();
    strategy.BeginExecution();
    const Cycle cycle = strategy.cycle();
    std::vector<Moment> moments;
    std::string before;
    Outcome outcome = Outcome::kCompleted;
    TaskId current = kMainTask;
    for (uint64_t step = 0;; ++step) {
      if (cycle.length != 0 && step >= cycle.begin && (step - cycle.begin) % cycle.length == 0) {
        const std::string now = run.Text();
        if (now == before) {
          search.tasks.push_back(
              TasksOfRound({moments.end() - static_cast<ptrdiff_t>(cycle.length), moments.end()}));
          ++search.livelocks;
          outcome = Outcome::kLivelock;
          break;
        }
        before = now;
      }
      const Choice choice = strategy.Choose({run.machine, current, step, &run});
      const std::vector<Choice> enabled = run.Enabled();
      if (choice == kRedundant) outcome = Outcome::kRedundant;
      if (choice.task == kNoTask) {
        EXPECT_TRUE(choice == kRedundant || enabled.empty());
        break;
      }
      std::set<uint32_t> tasks;
      for (const Choice& c : enabled) tasks.insert(Index(c.task));
      moments.push_back({run.Text(), tasks, choice});
      current = choice.task;
      run.Perform(choice);
      if (run.machine.live_tasks().empty()) break;
    }
    ++search.executions;
    more = strategy.FinishExecution(outcome);
    if (search.executions > 100000) {
      ADD_FAILURE() << "no end";
      break;
    }
  }
  search.complete = strategy.complete();
  return search;
}

Search RunSearch(const LoopProgram& program) {
  FairCyclesStrategy strategy(std::pmr::new_delete_resource(), ~uint64_t{0});
  return RunSearch(program, strategy);
}

LoopProgram RandomLoops(std::mt19937_64& random) {
  LoopProgram program{.mutexes = static_cast<int>(1 + random() % 2),
                      .words = static_cast<int>(1 + random() % 2)};
  const size_t tasks = 2 + random() % 2;
  for (size_t t = 0; t < tasks; ++t) {
    std::vector<LoopStep> steps(2 + random() % (tasks == 2 ? 5 : 3));
    for (LoopStep& step : steps) {
      const auto mutex = static_cast<int>(random() % static_cast<uint64_t>(program.mutexes));
      const auto word =
          program.mutexes + static_cast<int>(random() % static_cast<uint64_t>(program.words));
      const auto jump = static_cast<int>(random() % (steps.size() + 1));
      switch (random() % 8) {
        case 0: step = {OpKind::kMutexLock, mutex}; break;
        case 1:
        case 2: step = {OpKind::kMutexTryLock, mutex, 0, -1, jump}; break;
        case 3: step = {OpKind::kMutexUnlock, mutex}; break;
        case 4: step = {OpKind::kAtomicStore, word, random() % 2}; break;
        case 5: step = {OpKind::kAtomicLoad, word, 0, -1, jump}; break;
        case 6: step = {OpKind::kYield, 0, 0, jump}; break;
        default: step = {OpKind::kChoose, 0, 2, -1, jump}; break;
      }
    }
    program.tasks.push_back(steps);
  }
  return program;
}

TEST(FairCycles, FindsOneIfTheWholeGraphHasOne) {
  std::mt19937_64 random(3);
  int fair = 0;
  int unfair = 0;
  for (int i = 0; fair + unfair < 1500; ++i) {
    const LoopProgram program = RandomLoops(random);
    StateGraph all(std::pmr::new_delete_resource());
    if (!BuildAll(program, &all)) continue;
    Lasso lasso(std::pmr::new_delete_resource());
    const bool exists = FindFairCycle(all, std::pmr::new_delete_resource(), &lasso);
    FairCyclesStrategy strategy(std::pmr::new_delete_resource(), ~uint64_t{0});
    const Search search = RunSearch(program, strategy);
    ASSERT_EQ(search.livelocks > 0, exists) << i << "\n" << testing::PrintToString(program);
    ASSERT_TRUE(search.complete);
    ASSERT_LE(strategy.states(), all.size());
    if (HasFailure()) FAIL() << i << "\n" << testing::PrintToString(program);
    ++(exists ? fair : unfair);
  }
  EXPECT_GT(fair, 300);
  EXPECT_GT(unfair, 300);
}

// ---- Programs by hand ----

std::vector<LoopStep> Polite(int first, int second) {
  return {{OpKind::kMutexLock, first},    {OpKind::kMutexTryLock, second, 0, 4, 2},
          {OpKind::kMutexUnlock, first},  {OpKind::kYield, 0, 0, 0},
          {OpKind::kMutexUnlock, second}, {OpKind::kMutexUnlock, first}};
}

TEST(FairCycles, TwoThatGiveWayToEachOther) {
  const Search found = RunSearch({.mutexes = 2, .tasks = {Polite(0, 1), Polite(1, 0)}});
  EXPECT_EQ(found.livelocks, 1);
  EXPECT_EQ(found.tasks, (std::vector<std::set<uint32_t>>{{1, 2}}));
  EXPECT_EQ(RunSearch({.mutexes = 2, .tasks = {Polite(0, 1), Polite(0, 1)}}).livelocks, 0);
}

// Two that look again and again under a mutex that a third wants: it gets it some time.
TEST(FairCycles, PollingUnderAMutexIsNone) {
  const std::vector<LoopStep> polls = {{OpKind::kMutexLock, 0},
                                       {OpKind::kAtomicLoad, 1, 0, 3, 2},
                                       {OpKind::kMutexUnlock, 0, 0, 0},
                                       {OpKind::kMutexUnlock, 0}};
  const std::vector<LoopStep> sets = {
      {OpKind::kMutexLock, 0}, {OpKind::kAtomicStore, 1, 1}, {OpKind::kMutexUnlock, 0}};
  const Search found = RunSearch({.mutexes = 1, .words = 1, .tasks = {polls, polls, sets}});
  EXPECT_EQ(found.livelocks, 0);
  EXPECT_TRUE(found.complete);
}

TEST(FairCycles, ALoopThatTossesACoinEndsSomeTime) {
  const std::vector<LoopStep> tosses = {{OpKind::kYield}, {OpKind::kChoose, 0, 2, -1, 0}};
  EXPECT_EQ(RunSearch({.tasks = {tosses, tosses}}).livelocks, 0);
  const std::vector<LoopStep> for_ever = {{OpKind::kYield}, {OpKind::kChoose, 0, 2, 0, 0}};
  EXPECT_EQ(RunSearch({.tasks = {tosses, for_ever}}).livelocks, 1);
}

// Each of these cycles is one of its own: no way leads from one to the other.
TEST(FairCycles, AllThatCannotReachEachOtherAreShown) {
  const std::vector<LoopStep> splits = {
      {OpKind::kChoose, 0, 2, -1, 2}, {OpKind::kYield, 0, 0, 1}, {OpKind::kYield, 0, 0, 2}};
  EXPECT_EQ(RunSearch({.tasks = {splits}}).livelocks, 2);
}

TEST(FairCycles, AnUnknownStateIsEqualToNoOther) {
  const std::vector<LoopStep> few = {{OpKind::kMutexLock, 0}, {OpKind::kMutexUnlock, 0}};
  FairCyclesStrategy finite(std::pmr::new_delete_resource(), ~uint64_t{0});
  const Search tree = RunSearch({.mutexes = 1, .tasks = {few, few}}, finite, false);
  EXPECT_TRUE(tree.complete);
  FairCyclesStrategy endless(std::pmr::new_delete_resource(), ~uint64_t{0}, 1000);
  const Search cut =
      RunSearch({.mutexes = 2, .tasks = {Polite(0, 1), Polite(1, 0)}}, endless, false);
  EXPECT_EQ(cut.livelocks, 0);
  EXPECT_FALSE(cut.complete);
}

TEST(FairCycles, KeepsToItsBudget) {
  FairCyclesStrategy strategy(std::pmr::new_delete_resource(), 20);
  const Search cut = RunSearch({.mutexes = 2, .tasks = {Polite(0, 1), Polite(1, 0)}}, strategy);
  EXPECT_LE(cut.executions, 20u);
  EXPECT_FALSE(cut.complete);
}

TEST(FairCycles, BeginsAnewAfterARestart) {
  const LoopProgram program{.mutexes = 2, .tasks = {Polite(0, 1), Polite(1, 0)}};
  FairCyclesStrategy strategy(std::pmr::new_delete_resource(), ~uint64_t{0});
  const Search once = RunSearch(program, strategy);
  strategy.Restart();
  const Search again = RunSearch(program, strategy);
  EXPECT_EQ(again.executions, once.executions);
  EXPECT_EQ(again.livelocks, 1);
}

TEST(FairCycles, TakesMemoryFromItsResourceOnly) {
  const LoopProgram program{.mutexes = 1, .tasks = {Polite(0, 0)}};
  LoopRun run(program);
  run.Begin();
  BoundedMemory memory;
  {
    FairCyclesStrategy strategy(&memory, ~uint64_t{0});
    for (bool more = true; more;) {
      strategy.BeginExecution();
      strategy.Choose({run.machine, kMainTask, 0, nullptr});
      more = strategy.FinishExecution(Outcome::kCompleted);
    }
    EXPECT_GT(memory.used(), 0u);
  }
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace csim
