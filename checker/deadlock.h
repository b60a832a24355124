// Deadlocks: which tasks wait for ever, for what, and who keeps it from them.
//
// To be asked of a machine at a scheduling point where nobody is enabled (FindDeadlock), and, to
// find a deadlock of some tasks while others go on, whenever a task becomes disabled on a lock
// (InLockCycle). Pure: reads the machine only.
#ifndef CSIM_CHECKER_DEADLOCK_H_
#define CSIM_CHECKER_DEADLOCK_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/ids.h"
#include "model/machine.h"
#include "model/operation.h"

namespace csim {

// Why a task cannot go on.
enum class WaitReason : uint8_t {
  kHeld,           // somebody holds the lock (or runs the initialiser)
  kHeldBySelf,     // the task itself does: it locked twice, or wants to write while it reads
  kOwnerEnded,     // a task that has ended without unlocking holds it
  kHeldElsewhere,  // a task of the process from which this one was forked held it then
  kQueued,         // an rwlock: the `holder` is queued before it and waits itself
  kNobodySignals,  // condition variable, futex, semaphore: nobody is left to wake it
  kNotAllArrived,  // barrier
  kNotEnded,       // join, wait: the other task has not ended
  kNoSignal,       // no signal will come
  kAtomicBlock,    // another task is inside an atomic block
  kForever,        // a sleep without end
  kNothingToRead,  // a channel is empty, and there are still writing ends
  kNoRoom,         // a channel is full, and there are still reading ends
  kNothingReady,   // a poll
  kSpins,          // repeats a loop until something changes, and nobody is left to change it
};
const char* NameOf(WaitReason reason);

// One task that waits, and on one of those it waits for.
struct Wait {
  TaskId task = kNoTask;
  OpKind operation = OpKind::kThreadStart;  // pending
  ObjectId object = kNoObject;              // the mutex for a kCondRelock
  SiteId site = kNoSite;                    // where it waits
  StackId stack = kNoStack;
  WaitReason reason = WaitReason::kForever;
  TaskId holder = kNoTask;  // who has what it waits for; kNoTask if that is nobody
  LockMode holder_mode = LockMode::kExclusive;
  SiteId held_site = kNoSite;  // where the holder took it
  StackId held_stack = kNoStack;
  bool in_cycle = false;  // the task waits for itself in the end
};

struct Deadlock {
  // One per waiting task and holder (several readers: several), in order of tasks.
  std::pmr::vector<Wait> waits;
  // One cycle of tasks, each waiting for the next and the last for the first; empty if there is
  // none (a lost wake-up, say). It starts with its lowest task.
  std::pmr::vector<TaskId> cycle;

  explicit Deadlock(std::pmr::memory_resource* memory) : waits(memory), cycle(memory) {}
};

// Who could read from a channel, or write to it: what the machine does not know.
class ChannelUsers {
 public:
  virtual ~ChannelUsers() = default;
  // The only task besides `waiter` that has not ended and has an end of this kind; kNoTask if there is
  // none, or several.
  virtual TaskId OnlyOther(ObjectId channel, bool writing_end, TaskId waiter) const = 0;
};

// Fills `deadlock` with all tasks that are at a scheduling point, not enabled, and have no
// deadline. If nobody is enabled these are all tasks.
// `users` null: nobody is named as the one who could end a wait at a channel.
void FindDeadlock(const Machine& machine, Deadlock& deadlock, const ChannelUsers* users = nullptr);

// True if `task` waits, without a deadline, for a lock or the end of a task that waits ... for
// `task` itself, each without a deadline: none of them will ever go on, whatever the other tasks
// do. Costs little: follows those who hold, or are queued before, for at most 64 tasks.
bool InLockCycle(const Machine& machine, TaskId task);

}  // namespace csim

#endif  // CSIM_CHECKER_DEADLOCK_H_
