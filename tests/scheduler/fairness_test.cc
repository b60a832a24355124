// How often a task can be passed, against brute force: what the monitor says of one execution is the largest
// number that is seen, by counting, in any execution of the same Mazurkiewicz trace.
#include "checker/fairness.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <random>
#include <tuple>

#include "tests/scheduler/explore.h"
#include "tests/scheduler/random_program.h"
#include "tests/scheduler/reference.h"

namespace csim {
namespace {

bool Waits(OpKind kind) {
  switch (kind) {
    case OpKind::kMutexLock:
    case OpKind::kMutexTimedLock:
    case OpKind::kCondRelock:
    case OpKind::kWriteLock:
    case OpKind::kWriteTimedLock:
    case OpKind::kWriteBlocked:
    case OpKind::kSemWait:
    case OpKind::kSemTimedWait:
    case OpKind::kSpinLock:
    case OpKind::kReadLock:
    case OpKind::kReadTimedLock:
    case OpKind::kReadBlocked: return true;
    default: return false;
  }
}

bool Reads(OpKind kind) {
  return kind == OpKind::kReadLock || kind == OpKind::kReadTimedLock ||
         kind == OpKind::kReadBlocked || kind == OpKind::kReadTryLock;
}

bool Takes(OpKind kind) {
  return Waits(kind) || kind == OpKind::kMutexTryLock || kind == OpKind::kWriteTryLock ||
         kind == OpKind::kReadTryLock || kind == OpKind::kSemTryWait ||
         kind == OpKind::kSpinTryLock;
}

// What was counted for each lock that a task took and had asked for: task, how many it took before.
using Counts = std::map<std::pair<uint32_t, int>, uint32_t>;

// One execution, watched in both ways.
class Watched {
 public:
  explicit Watched(const ModelProgram& program)
      : run_(program, std::pmr::new_delete_resource()), fairness_(std::pmr::new_delete_resource()) {
    run_.Begin();
    fairness_.BeginExecution();
    NoteAsking();
  }

  void Perform(Choice choice) {
    const TaskId task = choice.task;
    fairness_.Before(run_.machine, task, choice.alternative);
    run_.Perform(choice);
    const Operation& done = run_.last_operation;
    Passing passing;
    if (fairness_.After(run_.machine, run_.last_result, &passing)) {
      said[{Index(task), taken_[Index(task)]}] = passing.times;
      last_request = passing.request;
      last_times = passing.times;
    }
    Count(task, done);
    NoteAsking();
  }

  Fairness& fairness() { return fairness_; }
  const ModelRun& run() const { return run_; }

  Counts said;     // by the monitor
  Counts counted;  // in this order of the events
  uint32_t last_request = 0;
  uint32_t last_times = 0;

 private:
  void Count(TaskId task, const Operation& done) {
    const OpResult& result = run_.last_result;
    ++steps_;
    if (!Takes(done.kind)) return;
    if (result.blocked) {
      asks_since_[Index(task)] = steps_;  // it has queued up
      return;
    }
    const auto asked = asks_since_.find(Index(task));
    const bool had_asked = Waits(done.kind) && asked != asks_since_.end();
    const size_t since = had_asked ? asked->second : 0;
    if (had_asked) asks_since_.erase(asked);
    if (result.interrupted || (result.error != 0 && result.error != EOWNERDEAD)) return;
    const ObjectId lock = done.kind == OpKind::kCondRelock ? done.object2 : done.object;
    uint32_t times = 0;
    for (const auto& [at, by, what, reads] : takings_) {
      if (what == lock && by != task && at >= since && !(reads && Reads(done.kind))) ++times;
    }
    takings_.emplace_back(steps_ - 1, task, lock, Reads(done.kind));
    if (had_asked) counted[{Index(task), taken_[Index(task)]++}] = times;
  }

  void NoteAsking() {
    for (const TaskId id : run_.machine.live_tasks()) {
      const TaskState& task = run_.machine.task(id);
      if (task.status == TaskStatus::kPending && Waits(task.pending.kind)) {
        asks_since_.try_emplace(Index(id), steps_);
      }
    }
  }

  ModelRun run_;
  Fairness fairness_;
  size_t steps_ = 0;
  std::map<uint32_t, size_t> asks_since_;  // by task
  std::map<uint32_t, int> taken_;
  std::vector<std::tuple<size_t, TaskId, ObjectId, bool>> takings_;
};

std::string Describe(const Counts& counts) {
  std::string text;
  for (const auto& [who, times] : counts) {
    text += "task " + std::to_string(who.first) + " #" + std::to_string(who.second) + ": " +
            std::to_string(times) + "  ";
  }
  return text;
}

// The number of things that were compared.
size_t Check(const ModelProgram& program, const Reference& reference) {
  std::map<std::string, Counts> most;
  std::map<std::string, std::vector<Counts>> said;
  for (const ReferenceExecution& execution : reference.executions) {
    Watched watched(program);
    for (const auto& [task, alternative] : execution.choices) {
      watched.Perform({TaskId{static_cast<uint16_t>(task)}, alternative});
    }
    Counts& largest = most[execution.trace];
    for (const auto& [who, times] : watched.counted) {
      largest[who] = std::max(largest[who], times);
    }
    said[execution.trace].push_back(watched.said);
  }
  size_t compared = 0;
  for (const auto& [trace, all] : said) {
    for (const Counts& one : all) {
      EXPECT_EQ(one, most[trace]) << "monitor: " << Describe(one)
                                  << "\ncounted: " << Describe(most[trace]) << "\n"
                                  << testing::PrintToString(program);
      if (testing::Test::HasFailure()) return compared;
      compared += one.size();
    }
  }
  return compared;
}

// (Numbers of tasks differ with the order in which they are created: flat programs only. What is
// cancelled, or ends with the process, makes traces that tell less than the order does.)
bool IsWanted(const ModelProgram& program) {
  if (!program.options.timeouts_any) return false;
  for (const auto& task : program.tasks) {
    for (const ModelStep& step : task) {
      if (step.kind == OpKind::kThreadCancel || step.kind == OpKind::kProcessExit) return false;
    }
  }
  return true;
}

TEST(Fairness, IsTheMostThatAnyOrderOfTheTraceShows) {
  std::mt19937_64 random(77);
  size_t compared = 0;
  for (int seed = 0, done = 0; done < 3000; ++seed) {
    const ModelProgram program =
        MakeRandomProgram(random, {.tasks = 2 + seed % 2, .steps = seed % 2 == 0 ? 4 : 2});
    if (!IsWanted(program)) continue;
    const Reference reference = RunAll(program, {.max_executions = 600});
    if (reference.too_many) continue;
    ++done;
    compared += Check(program, reference);
    if (HasFailure()) FAIL() << "program " << seed;
  }
  EXPECT_GT(compared, 20000u);
}

// Each takes the mutex and gives it back, `rounds` times.
ModelProgram Lockers(int tasks, int rounds) {
  ModelProgram program;
  program.objects.push_back({.kind = ObjectKind::kMutex});
  program.tasks.resize(static_cast<size_t>(tasks));
  for (auto& task : program.tasks) {
    for (int i = 0; i < rounds; ++i) {
      task.push_back({.kind = OpKind::kMutexLock, .object = 0});
      task.push_back({.kind = OpKind::kMutexUnlock, .object = 0});
    }
  }
  return program;
}

TEST(Fairness, AMutexIsTakenByOthersAsOftenAsTheyComeWhileOneWaits) {
  for (const int tasks : {2, 3}) {
    for (const int rounds : {1, 2}) {
      const ModelProgram program = Lockers(tasks, rounds);
      const Reference reference = RunAll(program, {.max_executions = 100000, .traces = false});
      ASSERT_FALSE(reference.too_many);
      uint32_t most = 0;
      for (const ReferenceExecution& execution : reference.executions) {
        Watched watched(program);
        for (const auto& [task, alternative] : execution.choices) {
          watched.Perform({TaskId{static_cast<uint16_t>(task)}, alternative});
        }
        for (const auto& [who, times] : watched.said) most = std::max(most, times);
      }
      EXPECT_EQ(most, static_cast<uint32_t>((tasks - 1) * rounds));
    }
  }
}

// In the order that the monitor gives, the task is passed as often as it says.
TEST(Fairness, ShowsTheOrderInWhichATaskIsPassed) {
  std::mt19937_64 random(78);
  size_t shown = 0;
  for (int done = 0; done < 400;) {
    const ModelProgram program = MakeRandomProgram(random, {.tasks = 3, .steps = 2});
    if (!IsWanted(program)) continue;
    const Reference reference = RunAll(program, {.max_executions = 300, .traces = false});
    if (reference.too_many) continue;
    ++done;
    for (const ReferenceExecution& execution : reference.executions) {
      Watched watched(program);
      for (const auto& [task, alternative] : execution.choices) {
        watched.Perform({TaskId{static_cast<uint16_t>(task)}, alternative});
      }
      if (watched.said.empty()) continue;
      Schedule schedule(std::pmr::new_delete_resource());
      if (!watched.fairness().InOrder(watched.run().machine, watched.last_request, &schedule)) {
        continue;
      }
      ASSERT_EQ(schedule.size(), execution.choices.size());
      Watched again(program);
      for (ScheduleCursor cursor(schedule); !cursor.AtEnd(); cursor.Next()) {
        ASSERT_TRUE(again.run().machine.EnabledOf(cursor.Get().task).Has(cursor.Get().alternative))
            << testing::PrintToString(program);
        again.Perform(cursor.Get());
      }
      ASSERT_EQ(again.said, watched.said) << testing::PrintToString(program);
      uint32_t most = 0;
      for (const auto& [who, times] : again.counted) most = std::max(most, times);
      ASSERT_GE(most, watched.last_times) << testing::PrintToString(program);
      ++shown;
    }
  }
  EXPECT_GT(shown, 5000u);
}

}  // namespace
}  // namespace csim
