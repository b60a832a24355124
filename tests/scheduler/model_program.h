// A program without a program: a list of operations per task, written down or random. It drives a
// machine under a strategy, so that strategies can be tested without threads.
#ifndef CSIM_TESTS_SCHEDULER_MODEL_PROGRAM_H_
#define CSIM_TESTS_SCHEDULER_MODEL_PROGRAM_H_

#include <cstdint>
#include <memory_resource>
#include <ostream>
#include <string>
#include <vector>

#include "model/machine.h"
#include "scheduler/strategy.h"

namespace csim {

// What a kSignalSetting does, to the signal of its argument.
enum class ModelSetting : uint8_t { kBlock, kUnblock, kHandle, kIgnore, kOwnGroup, kReaper };

// One step of a semop.
struct ModelSemStep {
  int object = -1;
  int16_t step = 0;
  bool waits = true;
  bool undo = false;
};

// One operation of a task. Objects are numbers in the program's list of objects; for operations on
// threads `object` is the number of the other task in the program; so it is for a fork, which makes that task
// the main task of a process of its own, and the number in the argument of a kSignal or a wait.
struct ModelStep {
  OpKind kind = OpKind::kYield;
  int object = -1;
  int object2 = -1;
  uint64_t argument = 0;  // stores: the value; futex wait: the value expected
  uint64_t deadline = kNoDeadline;
  bool cancelable = false;
  int skip_if_failed = 0;  // so many of the following steps, if the result is an error
  int skip_if_zero = 0;    // so many of the following steps, if the result's value is 0
  int opens = -1;          // after it, the task opens both ends of this channel once more
  ModelSetting setting = ModelSetting::kBlock;
  std::vector<ModelSemStep> sem_steps = {};
};
// The argument of a kPoll or kPollMany: whether it waits, and for each channel of the program (those objects that
// have ends, in order) what for; nothing: whether anything can be read from it.
struct ModelPoll {
  enum For : uint8_t { kNothing, kRead, kWrite, kBoth, kEnd, kLook };
  static constexpr uint64_t kWaits = 1;
  static constexpr uint64_t What(int channel, For what) {
    return uint64_t{what} << (1 + 4 * channel);
  }
};

struct ModelObject {
  ObjectKind kind = ObjectKind::kMutex;
  MutexType mutex_type = MutexType::kNormal;
  bool robust = false;
  RwPolicy policy = RwPolicy::kReaderFirst;
  uint32_t count = 0;    // semaphores
  uint32_t limit = 0;    // barriers, channels
  uint32_t readers = 0;  // channels
  uint32_t writers = 0;
};

struct ModelProgram {
  std::vector<ModelObject> objects;
  std::vector<std::vector<ModelStep>> tasks;  // the first is main's
  // All tasks have been created and started before the first scheduling point; otherwise they are
  // by kThreadCreate steps.
  bool flat = true;
  // In traces, a compare-exchange that failed counts as a read.
  bool failed_exchange_reads = true;
  MachineOptions options = {};
};
void PrintTo(const ModelProgram& program, std::ostream* os);

// One performed operation.
struct ModelEvent {
  int task = 0;  // number in the program
  Operation operation;
  uint32_t alternative = 0;
  bool local = false;  // others cannot notice it
};

// One execution of a program, step by step.
class ModelRun {
 public:
  ModelRun(const ModelProgram& program, std::pmr::memory_resource* memory)
      : machine(memory), program_(program) {}

  void Begin();
  bool AnyEnabled() const;
  std::vector<Choice> Enabled() const;
  void Perform(Choice choice);
  // A whole execution, from Begin to where nobody is enabled, the strategy gives up, or max_steps.
  Outcome Run(Strategy& strategy, uint64_t max_steps = ~uint64_t{0});

  TaskId current() const { return current_; }
  // The last operation was a yield or sleep / or a timeout.
  bool yielded() const { return yielded_; }
  bool timed_out() const { return timed_out_; }
  uint64_t step() const { return step_; }
  // What an observer can see of the final state.
  std::string Result() const;
  // The Mazurkiewicz trace of the execution: equal for executions that differ only in the order of
  // independent operations.
  std::string Trace() const;

  Machine machine;
  bool recording = true;  // choices and events
  std::vector<Choice> choices;
  std::vector<ModelEvent> events;
  int preemptions = 0;       // as DfsStrategy counts them
  Operation last_operation;  // that was performed
  OpResult last_result;

 private:
  struct TaskRun {
    TaskId id = kNoTask;
    size_t next = 0;        // step
    uint64_t seen = 0;      // hash of all results
    uint64_t read = 0;      // the last value read
    int handled = 0;        // a signal whose handler runs
    bool gives_up = false;  // and ends what the task was waiting for
  };

  void StartFlat();
  void Arrive(int task);
  Operation PollOf(int task, const ModelStep& step);
  void ShowPolled(const Operation& poll, uint64_t* seen) const;
  Operation OperationOf(int task, const ModelStep& step);
  Operation ProcessOperationOf(int task, const ModelStep& step);
  Operation SettingOf(TaskId id, const ModelStep& step);
  bool ArriveAtEnd(int task);
  void Handle(int task, OpKind waited, const OpResult& result);
  void ForkMemory(int parent, int child);
  void PutProcesses(std::string* text) const;
  OpResult Effect(int task, const Operation& operation, OpResult result);
  int NumberOf(TaskId id) const { return numbers_[Index(id)]; }
  void SetNumber(TaskId id, int number);

  const ModelProgram& program_;
  std::vector<ObjectId> objects_;
  std::vector<TaskRun> tasks_;
  std::vector<int> numbers_;      // by TaskId
  std::vector<uint64_t> memory_;  // by object
  std::string output_;
  TaskId current_ = kMainTask;
  uint64_t step_ = 0;
  bool exited_ = false;
  bool yielded_ = false;
  bool timed_out_ = false;
};

}  // namespace csim

#endif  // CSIM_TESTS_SCHEDULER_MODEL_PROGRAM_H_
