// Operations: what a task does that other tasks can notice, and the one table that describes them.
//
// Each kind of operation is one row (operation.cc and the files of model/operations/): its name, the
// kind of object it works on, when it is enabled, its effect on the machine, and which operations it
// is dependent with. The runtime, partial order reduction, the checkers and the documentation all
// read that row. To add an operation: docs/add-an-operation.md.
#ifndef CSIM_MODEL_OPERATION_H_
#define CSIM_MODEL_OPERATION_H_

#include <cstdint>

#include "model/ids.h"

namespace csim {

enum class OpKind : uint8_t {
  // Threads. `object` is the thread object of the other task, or of the task itself.
  kThreadCreate,     // effect: argument is the TaskId of the new task, which becomes startable
  kThreadStart,      // first operation of every task but main
  kThreadExit,       // never waits at the gate: performed when the task's code has ended
  kThreadJoin,       // enabled once the joined task has ended; error EDEADLK on itself
  kThreadTimedJoin,  // can time out even then
  kThreadTryJoin,    // kTimeout: finds it busy, which is always possible; kNormal once it has ended
  kThreadDetach,
  kThreadCancel,
  kProcessExit,  // ends the execution; dependent with everything

  // Mutexes.
  kMutexLock,
  kMutexTryLock,
  kMutexTimedLock,
  kMutexUnlock,
  kMutexConsistent,  // its owner, told that the last one died, has put right what it guards
  kMutexAbandon,     // of a robust one: its owner ends without unlocking

  // Condition variables. `object` the condition variable, `object2` the mutex.
  kCondWait,     // gives up the mutex, then the task goes on as kCondBlocked
  kCondBlocked,  // waits for a signal; alternatives kTimeout and kSpurious where allowed
  kCondRelock,   // has been woken (argument: the result, 0 or ETIMEDOUT) and wants the mutex back
  kCondSignal,   // one alternative per waiting task (in order of arrival): whom to wake
  kCondBroadcast,

  // Reader-writer locks. Under the policies that queue, a lock that is not granted at once goes on
  // as k...Blocked.
  kReadLock,
  kReadTryLock,
  kReadTimedLock,
  kReadBlocked,
  kWriteLock,
  kWriteTryLock,
  kWriteTimedLock,
  kWriteBlocked,
  kRwUnlock,

  // Semaphores, barriers, once, spin locks.
  kSemWait,
  kSemTryWait,
  kSemTimedWait,
  kSemPost,  // argument: by how much
  kSemGetValue,
  kBarrierWait,  // arrives; all but the last go on as kBarrierBlocked
  kBarrierBlocked,
  kOnceBegin,  // enabled unless another task is running the initialiser; result 1: run it
  kOnceEnd,    // argument 1: done; 0: failed (exception), somebody else has to run it
  kSpinLock,
  kSpinTryLock,
  kSpinUnlock,

  // Futexes and other wait queues keyed by an address.
  kFutexWait,  // argument 1 if the word still has the expected value (to be set when the task has
               // been chosen, just before Execute): goes on as kFutexBlocked. object2: the granule
               // of the word if it is an object; offset and size then say which bytes
  kFutexBlocked,  // waits for a wake; alternatives kTimeout and kSpurious where allowed
  kFutexWake,     // argument: how many at most; woken in order of arrival

  // Processes. `object` is a process object (ObjectState::owner: its main task). Those that
  // Machine::ForkOf, ExitOf and so on put together have the right objects.
  kFork,          // effect: argument is the TaskId of the new process's main task
  kForkThreaded,  // the same where other threads might still change what is copied
  kExit,          // the process of the task ends; object2: its parent. Argument: what waitpid tells
  kExitThreaded,  // the same where it may end other threads too
  kWaitProcess,   // of the waiting process; argument: ProcessFilter. Value: the process; ECHILD
  kTryWaitProcess,  // the same, error EAGAIN if there is none yet
  kParentProcess,   // of the parent: looks whether it still is
  kSignal,  // argument: SignalOrder; `object` its process, object2 that one's parent (if it goes to one)
  kSignalSetting,  // of its own process and task; argument: index of a SignalSetting. object2: the parent,
                   // if it sets a process group
  kSignalWait,     // takes a pending signal out of a set (argument); kTimeout, EAGAIN
  kSignalTryWait,  // error EAGAIN instead of waiting
  kPause,          // until a handler has run

  // Memory. The access itself is done by the task after it was chosen.
  kAtomicLoad,
  kAtomicStore,
  kAtomicRmw,
  kAtomicCas,  // argument: the value expected
  kFence,
  kPlainRead,  // plain accesses are operations only where a race was seen
  kPlainWrite,

  // The rest.
  kYield,
  kSleep,        // may end at any point (timeouts any) or when nobody else can run (virtual)
  kOutput,       // writes to a stream of the program
  kChoose,       // csim::choose(n): argument n alternatives
  kAtomicBegin,  // __VERIFIER_atomic_begin: until kAtomicEnd nobody else runs
  kAtomicEnd,
  kDestroy,  // of a lock, condition variable, ...; error EBUSY (and misuse) while it is in use

  // Channels (operations/channel.cc). Argument of reads and writes: how many units (bytes, messages) at
  // most (of a read of a stream socket known when the task has been chosen, just before Execute, as the end of a
  // message with descriptors); their value: how many it was. Reads and writes may have a deadline.
  kChannelRead,      // value 0: end of file
  kChannelTryRead,   // error EAGAIN instead of waiting
  kChannelWrite,     // error EPIPE if nobody can read
  kChannelTryWrite,  // error EAGAIN instead of waiting
  kChannelClose,     // of a reading end of `object` and a writing end of `object2`, each
                     // optional; argument: how many of each
  kChannelOpen,      // of a reading end of `object`, a writing end of `object2`, where there may be
                     // none: listen, open of a FIFO; argument: the new limit
  kAddressBind,      // argument 1: error EADDRINUSE if it is bound already; 0: it is free again
  kPoll,             // those that Machine::PollOf puts together have the right objects
  kPollMany,         // the same for more than an object and an object2 can say: `uses`
  kPollSignals,      // the same for signals too; object: the task's process

  // Names of what processes share (operations/name.cc). The work itself is done by the task when it has
  // been chosen, just before Execute; argument 1: that was in vain.
  kNameLook,    // what it stands for, if anything
  kNameChange,  // makes, removes or moves it; object2: a second name that changes with it

  // The process of the task executes a program; object2: its parent, if that waits for this (vfork).
  kExec,
  kExecThreaded,  // the same where it ends other threads

  // System V semaphores, locks on files (operations/ipc.cc).
  kSemAdjust,  // a semop: Machine::SemAdjustOf; may have a deadline
  kSemUndo,    // the same steps, of 0: takes back what its process wants undone at its end
  kSemSet,     // argument: the value, or kRemoveSemaphore
  kFileLock,  // argument bit 0: excludes others; bit 1: error EAGAIN instead of waiting; above: the
              // owner. value 0: the owner had it already
  kFileUnlock,  // by one holder

  kCount
};

// The C++ memory orders, numbered as in the compiler's __ATOMIC_* constants.
enum class MemoryOrder : uint8_t { kRelaxed, kConsume, kAcquire, kRelease, kAcqRel, kSeqCst };
constexpr bool IsAcquire(MemoryOrder o) {
  return o == MemoryOrder::kAcquire || o == MemoryOrder::kConsume || o == MemoryOrder::kAcqRel ||
         o == MemoryOrder::kSeqCst;
}
constexpr bool IsRelease(MemoryOrder o) {
  return o == MemoryOrder::kRelease || o == MemoryOrder::kAcqRel || o == MemoryOrder::kSeqCst;
}

// In how many ways an operation can be done. Most have one way, number 0 (kNormal).
// An operation that can time out has kTimeout while it cannot be done normally (POSIX: "under no
// circumstance" does a timed lock fail with a timeout if it can be had at once; and a timeout that
// strikes after the lock has become free might as well have struck just before); a join, whose
// target may take a moment longer to end, always. One that can wake
// without a reason has kSpurious;
// kCondSignal has one per waiting task (or just 0 if there is none) and kChoose one per value.
inline constexpr uint32_t kNormal = 0;
inline constexpr uint32_t kTimeout = 1;
inline constexpr uint32_t kSpurious = 2;

// The alternatives that are enabled now: first, first + 1, ..., first + count - 1.
struct Alternatives {
  uint32_t first = 0;
  uint32_t count = 0;
  bool Any() const { return count != 0; }
  bool Has(uint32_t a) const { return a - first < count; }
};

inline constexpr uint64_t kNoDeadline = ~uint64_t{0};

// Whether an operation would only repeat what its task has just done in vain (a spin loop's next
// round): then it is disabled until something that the task watches changes (TaskState::watch).
enum class Spin : uint8_t {
  kNone,
  kNarrow,  // it watches `object` and `object2` at most
  kWide,    // it watches more: dependent with whatever writes
  kVain,  // disabled for the rest of the execution: whatever comes of it comes as well without the
          // round that was in vain (Strategy::GivesUpVainRounds)
};

// Whom an operation concerns beyond its objects (Machine::SetPending fills it in). Processes by number:
// their ProcessId, or in a step of dpor a name.
struct Reach {
  static constexpr uint16_t kNobody = 0xffff;
  static constexpr uint16_t kEverybody = 0xfffe;
  uint16_t process = 0;  // that of its task
  // Processes whose tasks it may end, stop, or send to a handler: dependent with all they do.
  uint16_t first = kNobody;
  uint16_t second = kNobody;
  bool ends = false;  // it may end tasks in the middle of something
  // What it works on is changed by the end of a task that has it: a robust mutex, a channel, a lock on a
  // file.
  bool inherits = false;
  friend bool operator==(const Reach&, const Reach&) = default;
};

// How an operation treats its object, for the dependence relation: two operations of different
// tasks are dependent if they name the same object and at least one of them is not a kRead, or if
// either is kGlobal. kLocal operations are dependent with nothing (beyond program order and the
// enabling of what they wait for), so no strategy needs to branch on them; but a kThreadJoin or kSleep
// that is a cancellation point is dependent with kThreadCancel, and where signals may come and so local
// operations are branched on too, all are dependent with kProcessExit: what follows them may not come to be done.
enum class Footprint : uint8_t { kLocal, kRead, kWrite, kGlobal };

// What an operation on more than two objects does with one of them.
struct ObjectUse {
  ObjectId object = kNoObject;
  Footprint footprint = Footprint::kRead;
  uint8_t parts = 0xff;  // of a channel: bit 1 << ChannelPart
  friend bool operator==(const ObjectUse&, const ObjectUse&) = default;
};

// One operation as it stands before its task: what it will do if it is chosen.
struct Operation {
  OpKind kind = OpKind::kThreadStart;
  Spin spin = Spin::kNone;
  MemoryOrder order = MemoryOrder::kSeqCst;
  MemoryOrder failure_order = MemoryOrder::kSeqCst;  // of a compare-exchange
  uint8_t size = 0;                                  // bytes accessed, memory operations only
  uint8_t offset = 0;  // first byte accessed within the object (8-byte granule), memory only
  uint16_t use_count = 0;
  ObjectId object = kNoObject;  // (offset and size of operations on channels: ChannelPart)
  ObjectId object2 = kNoObject;
  uint64_t argument = 0;
  uint64_t deadline = kNoDeadline;  // virtual nanoseconds; kNoDeadline: cannot time out
  // If there are any: all that it works on, each object once, whatever its row and its objects say. They live
  // as long as the execution (Machine::AddUses).
  const ObjectUse* uses = nullptr;
  SiteId site = kNoSite;
  StackId stack = kNoStack;
  Reach reach = {};
};

// What a performed operation gives back to the code of the program.
struct OpResult {
  int error = 0;         // 0 or an errno value, as the pthread function returns it
  int64_t value = 0;     // kChoose: the value; kSemGetValue; kBarrierWait: 1 for the serial task;
                         // interrupted: the signal
  bool blocked = false;  // the task has to arrive again, with its (changed) pending operation
  bool interrupted = false;  // nothing was done: the handler of a signal runs first; error is EINTR
};

enum class ObjectKind : uint8_t {
  kNone,
  kThread,
  kMutex,
  kCondition,
  kRwLock,
  kSemaphore,
  kBarrier,
  kOnce,
  kSpinLock,
  kFutex,
  kMemory,
  kStream,
  kProcess,
  kPipe,
  kSocket,   // one direction of a stream socket
  kQueue,    // of messages
  kCounter,  // an eventfd
  kName,     // of a shared memory object, a file, ...
  kFileLock,
  kAddress,  // of sockets: a queue of connections that nobody has accepted yet
  kCount
};

// The parts of a channel, as bytes of an operation's offset and size: operations that touch different
// parts are independent. A read looks at the content and the writing ends, a write at the reading ends
// and the content.
enum ChannelPart : uint8_t { kReadingEnds, kContent, kWritingEnds, kChannelParts };
// Fills in which parts a read, write or close touches.
void SetChannelParts(Operation& operation);

inline constexpr uint64_t kRemoveSemaphore = ~uint64_t{0};

class Machine;
struct TaskState;

struct OperationRow {
  OpKind kind;
  const char* name;  // "mutex_lock", as in traces and reports
  ObjectKind object;
  Footprint footprint;   // on object
  Footprint footprint2;  // on object2 (kLocal where there is none)
  // When enabled, and in which ways. Reads the machine only.
  Alternatives (*enabled)(const Machine&, const TaskState&);
  // Performs alternative `alternative` of the task's pending operation. REQUIRES: it is enabled.
  OpResult (*execute)(Machine&, TaskState&, uint32_t alternative);
};

// Of the bytes (of a channel: parts) that an operation touches with this footprint, those that it may change: a read
// looks whether there are writing ends, a write whether there are reading ends.
constexpr uint32_t ChangedBytes(OpKind kind, Footprint footprint, uint32_t bytes) {
  if (footprint == Footprint::kRead) return 0;
  const bool transfers = kind >= OpKind::kChannelRead && kind <= OpKind::kChannelTryWrite;
  return transfers ? bytes & (1u << kContent) : bytes;
}

constexpr bool IsPoll(OpKind kind) {
  return kind == OpKind::kPoll || kind == OpKind::kPollMany || kind == OpKind::kPollSignals;
}

// Whether the operation's effect is that the task of its argument can start.
constexpr bool CreatesTask(OpKind kind) {
  return kind == OpKind::kThreadCreate || kind == OpKind::kFork || kind == OpKind::kForkThreaded;
}

// The row of `kind`. Never fails.
const OperationRow& RowOf(OpKind kind);

// Whether a kAtomicCas that finds this value in its granule exchanges it.
bool Exchanges(const Operation& cas, uint64_t found);

// The operation as it turned out to be: a compare-exchange that failed was a load.
inline OpKind KindAsDone(const Operation& operation, uint64_t found) {
  const bool failed = operation.kind == OpKind::kAtomicCas && !Exchanges(operation, found);
  return failed ? OpKind::kAtomicLoad : operation.kind;
}

// True if two operations of this kind never depend on each other, whatever their objects: they count
// down.
inline bool CommutesWithItself(OpKind kind) { return kind == OpKind::kChannelClose; }

// True if the order of the two operations, done by different tasks next to each other, can matter:
// swapping them may change the state, or one may enable or disable the other.
// A pending kCondBlocked and friends take part like all others.
bool Dependent(const Operation& a, const Operation& b);

}  // namespace csim

#endif  // CSIM_MODEL_OPERATION_H_
