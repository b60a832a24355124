// Reads-from search: looks for schedules in which a read sees what it has not seen before.
//
// After Wolff, Shi, Duck, Mathur, Roychoudhury, "Greybox fuzzing for concurrency testing" (ASPLOS 2024):
// what matters in an execution is which read read from which write, and there are far fewer pairs of a
// read and a write in the source than there are interleavings. Departs from it in this:
// - After each execution the pairs that it could have had as well are computed (access_log.h), and the
//   next ones each bring about one of them, with few preemptions: the task that would spoil the pair
//   waits, all others go on as in the first execution. No pair is left to chance.
// - Everything that tasks meet on takes part: which critical section came before, which signal found
//   whom waiting. So deadlocks and lost wake-ups are found in the same way. The other ways in which an
//   operation could have been done (a timeout, another value of csim::choose) are pairs too.
// - The pairs of the source come first, then those of each single task, two pairs at once, and random
//   ones in random orders of tasks, in turns. With nothing new left, operations get random scores (pos.h).
//
// An execution is a function of the seed and of what the executions before have shown. Never complete.
#ifndef CSIM_SCHEDULER_READS_FROM_H_
#define CSIM_SCHEDULER_READS_FROM_H_

#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scheduler/access_log.h"
#include "scheduler/generator.h"
#include "scheduler/stable_keys.h"
#include "scheduler/strategy.h"
#include "scheduler/turns.h"

namespace csim {

class ReadsFromStrategy final : public Strategy {
 public:
  ReadsFromStrategy(std::pmr::memory_resource* memory, uint64_t seed, uint64_t executions);

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome outcome) override;
  bool complete() const override { return false; }
  void Restart() override;
  bool Save(StateWriter& writer) const override;
  bool Load(StateReader& reader) override;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr size_t kMostPairs = size_t{1} << 14;
  static constexpr size_t kMostCombinations = size_t{1} << 18;
  static constexpr size_t kMostOfAnExecution = 48;  // pairs that are combined
  static constexpr uint32_t kMostAlternatives = 16;

  // What a read reads from, in one number: what was there at the start, an operation (done by the reader
  // itself or by another), or, in place of all that, the way in which the operation is done.
  static constexpr uint32_t kStart = kNone;
  static constexpr uint32_t kAlternative = uint32_t{1} << 31;  // + number of the alternative
  static uint32_t Source(uint32_t operation, bool own) { return operation << 1 | (own ? 1 : 0); }

  static bool IsAlternative(uint32_t source) { return source != kStart && source >= kAlternative; }

  // An operation of the source on an object: all tasks and executions have the same.
  struct Known {
    uint64_t key = 0;
    uint64_t site = 0;  // the same on other objects
    uint32_t place = kNone;
    uint32_t offered = 0;  // alternatives seen, one bit each
  };

  struct Pair {
    uint32_t reader = 0;  // operation
    uint32_t source = kStart;
    uint64_t task = 0;        // key of the task that shall read
    uint64_t writer = 0;      // key of a task that has written so; 0: none
    uint32_t occurrence = 0;  // how often the task does the same before
    uint8_t tries = 0;
    bool of_task = false;  // another task's pair is another one
    bool seen = false;
    uint64_t last_seen = 0;  // number of the execution, from 1
  };

  // A pair to be brought about in the present execution.
  struct Goal {
    uint32_t pair = 0;
    uint32_t occurrence = 0;  // still to pass
    bool late = false;        // only once the reader is there others wait
    bool arrived = false;     // the reader is there
    bool holding = false;     // somebody waits for it
    bool over = false;
    TaskId task = kNoTask;
    TaskId writer = kNoTask;
  };

  // The pending operation of a task, as numbers.
  struct Pending {
    OpKind kind = OpKind::kYield;
    SiteId site = kNoSite;
    ObjectId objects[2] = {kNoObject, kNoObject};
    uint32_t operations[2] = {kNone, kNone};  // the second only if there is a second object
    Use uses[2];
    bool known = false;
  };

  // The last write to a place in the present execution.
  struct LastWrite {
    uint32_t operation = kNone;  // none yet
    TaskId task = kNoTask;
  };

  // An enabled task.
  struct Enabled {
    TaskId task;
    Alternatives alternatives;
    bool held;
    bool by_itself;  // can only time out, or wake without a reason
  };

  enum class Order : uint8_t { kFormer, kPriorities, kScores };

  // ---- What is known ----
  uint32_t PlaceOf(const Machine& machine, const Operation& operation, ObjectId object);
  uint32_t OperationOf(const Operation& operation, uint32_t place);
  void LookAt(const Machine& machine, TaskId task);
  uint32_t FindPair(uint32_t reader, uint32_t source, uint64_t task_or_0);
  void NotePair(uint32_t reader, uint32_t source, TaskId task, TaskId writer, uint32_t occurrence,
                bool seen);
  void NoteOffers(TaskId task, Alternatives alternatives);

  // ---- What to try ----
  void Plan();
  bool PlanNew(bool of_task, uint32_t tries);
  bool PlanCombination();
  bool PlanAtRandom();
  void AddGoal(uint32_t pair, bool late);
  // A number for the pair's two places in the source, whatever the object.
  uint64_t SitesOf(const Pair& pair) const;
  static uint64_t CombinationOf(uint32_t a, uint32_t b);
  bool LoadPairs(StateReader& reader);

  // ---- How ----
  void MeetTasks(const Machine& machine);
  void CollectEnabled(const SchedulingPoint& point);
  LastWrite LastAt(uint32_t place) const;
  bool InPlace(const Goal& goal) const;
  bool IsReader(const Goal& goal, TaskId task) const;
  void LookAtGoals();
  bool Spoils(const Goal& goal, TaskId task) const;
  bool Held(TaskId task);
  bool GiveUpOne();
  Choice ChooseAlternative() const;
  TaskId Helper(bool by_itself) const;
  TaskId Pick(TaskId current, bool by_itself);
  void Note(const Machine& machine, Choice choice);
  void DrawDependentAnew(const Machine& machine, TaskId chosen);

  uint64_t seed_;
  uint64_t left_;
  uint64_t number_ = 0;  // of the execution
  Generator generator_;

  std::pmr::unordered_map<uint64_t, uint32_t> place_numbers_;
  std::pmr::unordered_map<uint64_t, uint32_t> operation_numbers_;
  std::pmr::vector<Known> operations_;
  std::pmr::unordered_map<uint64_t, uint32_t> pair_numbers_;
  std::pmr::vector<Pair> pairs_;
  std::pmr::unordered_set<uint64_t> sites_;         // SitesOf pairs that were seen or tried
  std::pmr::unordered_set<uint64_t> combinations_;  // seen in one execution, or tried

  // Of the present execution.
  std::pmr::vector<Goal> goals_;
  Order order_ = Order::kFormer;
  StableKeys keys_;
  AccessLog log_;
  Turns turns_;
  std::pmr::vector<Pending> pending_;      // by TaskId
  std::pmr::vector<LastWrite> last_;       // by place
  std::pmr::vector<uint64_t> priorities_;  // by TaskId
  std::pmr::vector<uint32_t> seen_;        // pairs
  std::pmr::vector<Enabled> enabled_;      // at the present point
  std::pmr::vector<uint32_t> candidates_;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_READS_FROM_H_
