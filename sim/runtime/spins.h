// Spin loops: a task that repeats what it has just done in vain waits until that can make a difference.
//
// At a scheduling point the task's local state is its callee-saved registers and its stack. If both
// are what they were at an earlier scheduling point, and in between the task did nothing that others
// could notice, then it will go round and round until something that it read in between changes. So
// its next operation is disabled until then (Operation::spin): the loop costs one round instead of
// any number, and the exploration stays finite and complete. Nothing is assumed about the loop: it may
// span functions and libraries. A loop that counts its rounds has another state in each and is left
// alone.
//
// What counts as in vain: loads, stores and read-modify-writes that leave the value as it was, failed
// compare-exchanges and try-locks, yields, sleeps, and taking and releasing locks without writing.
#ifndef CSIM_SIM_RUNTIME_SPINS_H_
#define CSIM_SIM_RUNTIME_SPINS_H_

#include <cstddef>
#include <cstdint>

#include "model/ids.h"
#include "model/operation.h"
#include "sim/mapping/mapping.h"

namespace csim {

// Whether the entry points of this operation save the caller's state: a loop can be recognised at them.
bool SavesCaller(OpKind kind);

class Spins {
 public:
  // The logs lie in memory of this size, zeroed, which all processes share: who finds that nobody can go on
  // looks at the logs of all.
  static constexpr size_t MemoryForLogs();
  void Adopt(void* memory) { logs_ = static_cast<Log*>(memory); }
  void BeginExecution();

  // The running task arrives with `operation`, its local state as saved by the entry point
  // (entry.h), if that saved any. Marks the operation if the task would only repeat itself.
  void Arrive(Operation& operation);
  // The running task is at the head of a loop, or there again: which loop, of which activation of its
  // function, and its local state there (csim_round).
  struct Head {
    const void* function;
    uint32_t number;
    uint64_t sp;
    uint64_t state;
  };
  void OnRound(const Head& head, bool again);
  // The operation has been performed. Atomic writes are told apart by ObserveAtomic.
  void Done(const Operation& operation, const OpResult& result);
  // The running task's atomic operation is over; `changed`: memory is not as it was before.
  void DoneAtomic(ObjectId object, bool changed);
  // The running task reads or writes memory (only first accesses of an epoch are told).
  void OnRead(uintptr_t granule);
  void OnWrite(uintptr_t address);
  // The running task did something else that others, or its own future, may notice.
  void OnEffect();

  // The running task has come to no scheduling point for long: from here on what it reads is noted, also
  // what it has read before. Called by a signal handler.
  void WatchReads();
  // The end of that. True if it did nothing but read, and some of that becomes a scheduling point: the
  // execution is to be given up for another. What it read may be what it waits for.
  bool EndWatchReads();

  // Plain memory that the spinning tasks read in their loops becomes scheduling points, unless it is.
  // True if there was any: nobody can say yet that they spin for ever.
  bool MakeReadsRacy();

 private:
  static constexpr uint32_t kEntries = 96;
  static constexpr uint32_t kReads = 32;
  static constexpr uint32_t kHeads = 4;
  static constexpr uint32_t kStackBytes = 60 << 10;
  static constexpr uint32_t kMaxStack = 16 << 10;

  struct Entry {  // one operation in vain
    uint64_t registers[7];
    uint32_t stack_offset;  // of the copy in Log::stacks
    uint32_t stack_size;    // 0: the state is not known
    uint32_t held;          // locks held at the time, as a hash
    uint32_t held_count;    // the least of before and after it
    OpKind kind;
    ObjectId object;   // looked at; kNoObject: none
    uint32_t changes;  // of the object, when the operation was performed
  };
  // What a task has done since it last did something that others may notice.
  struct Log {
    uint32_t count;
    uint32_t stack_used;
    uint32_t read_count;
    bool idle_round;  // it has gone round once without looking at any object
    bool arrived;     // `pending` is the state of an operation that is still to be performed
    bool vain_round;  // the last round of a loop, from entry `vain_from` on, was in vain
    uint32_t vain_from;
    uint32_t head_count;
    struct Visit {
      Head head;
      uint32_t count;  // of entries
      uint32_t held;
    } heads[kHeads];  // loops that the task is in, the outer ones first
    Entry pending;
    uintptr_t reads[kReads];
    Entry entries[kEntries];
    char stacks[kStackBytes];
  };

  Log& LogOf(TaskId task) { return logs_[Index(task)]; }
  static void Clear(Log& log);
  static bool Save(Log& log, const Operation& operation);
  static bool Same(const Log& log, const Entry& a, const Entry& b);
  static bool MakeRacy(const Log& log);
  static bool FindWatched(const Log& log, uint32_t from);
  static void WaitForChange(Operation& operation);
  static void Repeats(Log& log, uint32_t from, Operation& operation);
  static void StartRound(Log& log);
  static void Append(Log& log, ObjectId object);

  Log* logs_ = nullptr;
  bool watching_ = false;
};

constexpr size_t Spins::MemoryForLogs() { return sizeof(Log) * kMaxTasks; }

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_SPINS_H_
