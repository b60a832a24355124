// The simulated machine: tasks, their pending operations, and the objects they work on.
//
// Pure state: no program, no operating system, no clock. sim/runtime drives one with the operations
// of real threads, ModelProgram (tests) with lists of operations; both see the same semantics, which
// is what makes the strategies testable without a program.
//
// Protocol, per execution:
//   Reset();  main is task 0, running.
//   A running task that reaches a scheduling point:   SetPending(task, operation)
//   A strategy looks at tasks() / EnabledOf() and chooses a task and one of its alternatives.
//   The chosen task:  Execute(task, alternative); if the result says `blocked`, the task's pending
//   operation was replaced (kCondWait -> kCondBlocked, ...) and it is at a scheduling point again;
//   otherwise its code runs on until the next SetPending or Finish(task).
//
// All memory comes from the memory_resource given at construction and is kept from one execution to
// the next, so that a reset costs what the last execution used. Not thread-safe: the task that holds
// the gate may call it, nobody else.
#ifndef CSIM_MODEL_MACHINE_H_
#define CSIM_MODEL_MACHINE_H_

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "model/ids.h"
#include "model/operation.h"

namespace csim {

enum class TaskStatus : uint8_t {
  kNew,       // made by kThreadCreate, which has not been performed yet: not schedulable
  kRunning,   // between two scheduling points
  kPending,   // at a scheduling point, with a pending operation (enabled or not)
  kFinished,  // its code has ended
};

enum class LockMode : uint8_t { kExclusive, kShared };

struct HeldLock {
  ObjectId object = kNoObject;
  LockMode mode = LockMode::kExclusive;
  uint32_t depth = 1;     // of a recursive lock
  SiteId site = kNoSite;  // where it was taken
  StackId stack = kNoStack;
  uint64_t effects = 0;  // TaskState::effects at that time
};

// An object whose next change ends a spin, and how often it had changed when the task looked at it.
struct Watched {
  ObjectId object = kNoObject;
  uint32_t changes = 0;
  friend bool operator==(const Watched&, const Watched&) = default;
};

// ---- Processes ----

// A set of signals: bit n - 1 is signal n.
using SignalSet = uint64_t;
constexpr SignalSet SetOf(int signal) { return SignalSet{1} << (signal - 1); }

struct ProcessState {
  ProcessId id = kMainProcess;
  ProcessId parent = kNoProcess;  // kNoProcess: whoever takes care of orphans
  ProcessId forker = kNoProcess;  // the same, even when that one has ended
  TaskId main = kMainTask;
  ObjectId object = kNoObject;  // kNoObject: no other process was ever made
  bool ended = false;           // a zombie, until it is reaped
  bool reaped = false;
  bool orphan = false;     // its parent ended first
  bool neglected = false;  // its parent ended without having waited for it
  bool stopped = false;    // by a signal
  bool told_stop = false;  // a stop that waitpid has not told yet
  bool told_continue = false;
  uint32_t executed = 0;  // so many programs
  int status = 0;         // as waitpid tells it, once it has ended
  uint32_t group = 0;     // process group and session, as PidOf their leaders
  uint32_t session = 0;
  SignalSet pending = 0;  // sent to the process, blocked by all its tasks
  SignalSet handled = 0;  // a handler is installed
  SignalSet ignored = 0;
  bool handled_children = false;  // there is or was a handler for SIGCHLD
  bool reaper = false;            // orphans below it become its children (PR_SET_CHILD_SUBREAPER)
  bool was_reaper = false;        // ... now or before
};

// Which children a kWaitProcess waits for.
struct ProcessFilter {
  enum Which : uint8_t { kAny, kPid, kGroup };
  Which which = kAny;
  bool ended = true;  // WEXITED
  bool stopped = false;
  bool continued = false;
  bool leave = false;     // WNOWAIT: it can be waited for again
  bool executed = false;  // has executed a program
  uint32_t number = 0;
  uint64_t Encode() const {
    return number | uint64_t{which} << 32 | uint64_t{ended} << 40 | uint64_t{stopped} << 41 |
           uint64_t{continued} << 42 | uint64_t{leave} << 43 | uint64_t{executed} << 44;
  }
  static ProcessFilter Decode(uint64_t bits) {
    return {static_cast<Which>(bits >> 32 & 0xff),
            (bits >> 40 & 1) != 0,
            (bits >> 41 & 1) != 0,
            (bits >> 42 & 1) != 0,
            (bits >> 43 & 1) != 0,
            (bits >> 44 & 1) != 0,
            static_cast<uint32_t>(bits)};
  }
};

// Where a kSignal goes.
struct SignalOrder {
  enum To : uint8_t { kProcess, kTask, kProcessGroup, kEverybody };
  To to = kProcess;
  uint8_t signal = 0;
  uint32_t number = 0;  // ProcessId, TaskId or group
  uint64_t Encode() const { return number | uint64_t{to} << 32 | uint64_t{signal} << 40; }
  static SignalOrder Decode(uint64_t bits) {
    return {static_cast<To>(bits >> 32 & 0xff), static_cast<uint8_t>(bits >> 40),
            static_cast<uint32_t>(bits)};
  }
};

// What a kSignalSetting sets: the mask of its task, and dispositions and the place of its process.
struct SignalSetting {
  enum Reaper : uint8_t { kAsItIs, kReaper, kNoReaper };
  SignalSet blocked = 0;
  SignalSet disposed = 0;  // those whose disposition is set; others may be set by others meanwhile
  SignalSet handled = 0;
  SignalSet ignored = 0;
  ProcessId process = kNoProcess;  // whose group and session are set; kNoProcess: nobody's
  uint32_t group = 0;
  uint32_t session = 0;
  Reaper reaper = kAsItIs;  // whether its own process takes care of orphans
};

struct TaskState {
  TaskId id = kNoTask;
  ProcessId process = kMainProcess;
  TaskStatus status = TaskStatus::kNew;
  bool detached = false;
  bool joined = false;
  bool cancel_requested = false;
  bool disturbed = false;   // it has signals to handle, or its process is stopped
  bool exposed = false;     // signals may come: what it does next may not be done
  bool killed = false;      // it ended because its process did, before `pending` was performed
  bool cancelable = false;  // the pending operation is a cancellation point and cancelling is on:
                            // then it is enabled (kNormal, error ECANCELED) once cancel_requested
  TaskId parent = kNoTask;
  uint64_t name = 0;      // the same in every execution: who made it, as how manieth
  uint32_t children = 0;  // tasks that it has made
  ObjectId thread_object = kNoObject;
  Operation pending;             // valid if status is kPending
  TaskId next_waiter = kNoTask;  // intrusive list of the object it is queued on
  SiteId created_at = kNoSite;
  StackId created_stack = kNoStack;
  std::pmr::vector<HeldLock> held;  // in order of taking
  uint64_t performed = 0;           // operations
  uint64_t effects = 0;             // things it did that others could notice, counted by NoteEffect
  uint64_t found = 0;               // by its last memory operation, as told by NoteFound
  uint64_t left = 0;                // by its last atomic operation, as told by NoteLeft
  uint64_t faced = 0;               // by its compare-exchange on arrival, as told by NoteFaced
  std::pmr::vector<Watched> watch;  // if pending.spin is not kNone
  SignalSet blocked = 0;            // signals that wait
  SignalSet signals = 0;            // that were sent to it, or that it was chosen to handle

  explicit TaskState(std::pmr::memory_resource* memory) : held(memory), watch(memory) {}
};

enum class MutexType : uint8_t { kNormal, kRecursive, kErrorChecking };

// One struct for every kind of object; which fields mean something depends on the kind.
struct ObjectState {
  ObjectKind kind = ObjectKind::kNone;
  MutexType mutex_type = MutexType::kNormal;
  uint8_t once_state = 0;  // 0 never run, 1 running, 2 done
  bool destroyed = false;
  bool tried = false;  // a lock: somebody tried in vain since it was taken
  bool robust =
      false;  // a mutex whose next owner is told that the last one died; a System V semaphore
  bool owner_died = false;  // ... and that nobody has made consistent since
  bool lost = false;        // ... and that was unlocked so: nobody gets it any more
  TaskId owner = kNoTask;   // exclusive holder; task that runs the initialiser; joined task
  uint32_t count = 0;       // recursion depth, readers inside, semaphore value, barrier arrivals
  uint32_t limit = 0;       // barrier size
  uint32_t generation =
      0;  // barrier rounds; writes to a channel and closes of its writing ends; who changed a
          // System V semaphore last, as PidOf its process
  uint32_t changes = 0;  // for tasks that spin on it
  uint32_t readers = 0;  // open reading ends of a channel
  uint32_t writers = 0;  // open writing ends
  uint64_t name = 0;     // the same in every execution; 0: it has the same id in every one
  // Tasks queued on this object in order of arrival (conditions, futexes, barriers, queueing
  // rwlocks), linked by TaskState::next_waiter.
  TaskId first_waiter = kNoTask;
  TaskId last_waiter = kNoTask;
  uint32_t waiters = 0;
  SiteId last_site = kNoSite;  // of the last operation that took it
};

// A poll waits for one of these.
struct Interest {
  ObjectId object = kNoObject;  // kNoObject: always ready
  bool reads = false;           // until it can be read without waiting
  bool writes = false;
  bool ends =
      false;  // until it has no writing end any more, and `other` no reading end; either may be kNoObject
  // (None of these: until anything has come.) Not before more was written to it, or a writing end closed, than this often (ObjectState::generation).
  uint32_t after = 0;
  ObjectId other = kNoObject;
  // If not 0: until `task` can take one of these signals instead; `object` is its process.
  SignalSet signals = 0;
  TaskId task = kNoTask;
};

// One step of a semop.
struct SemStep {
  ObjectId object = kNoObject;
  int16_t step = 0;
  bool waits = true;
  bool undo = false;  // at the end of the process
};

// What a process wants undone at its end.
struct SemUndo {
  ProcessId process = kNoProcess;
  ObjectId object = kNoObject;
  int32_t adjustment = 0;
};

// Ends of a channel that were opened, or closed together with their process: no operation of its own, but
// part of what `task` did between its operations number `after` and `after` + 1.
struct EndsChange {
  TaskId task = kNoTask;
  uint64_t after = 0;
  ObjectId object = kNoObject;
  int32_t reading = 0;
  int32_t writing = 0;
};

enum class RwPolicy : uint8_t { kReaderFirst, kWriterFirst, kFair };

// Told of everything that orders events, as it happens. The race detector is one.
class SyncListener {
 public:
  virtual ~SyncListener() = default;
  // `task` gives what it knows to `object` (added to what the object has).
  virtual void Release(TaskId task, ObjectId object) = 0;
  // `task` learns what was released to `object`.
  virtual void Acquire(TaskId task, ObjectId object) = 0;
  // A reader's unlock: what it knows reaches later writers (AcquireAll), not later readers.
  virtual void ReleaseShared(TaskId task, ObjectId object) = 0;
  virtual void AcquireAll(TaskId task, ObjectId object) = 0;
  // `to` learns all that `from` knows (create, join).
  virtual void Transfer(TaskId from, TaskId to) = 0;
};

struct MachineOptions {
  bool timeouts_any = true;       // a timed operation may time out at any point
  bool spurious_wakeups = false;  // kCondBlocked and kFutexBlocked may wake without a reason
};

// Something the program did wrong that does not stop it. The runtime turns it into a finding.
enum class Misuse : uint8_t {
  kNone,
  kUnlockNotHeld,     // unlock of a lock that nobody holds
  kUnlockByOther,     // unlock by a task that does not hold it
  kRelock,            // a plain lock locked again by its holder
  kDestroyHeld,       // destroyed while held or waited on
  kUseDestroyed,      // used after destruction
  kWaitWithoutMutex,  // condition wait with a mutex that the task does not hold
  kWaitOtherMutex,    // waits on one condition variable with different mutexes
  kJoinTwice,         // join or detach of a task already joined or detached
  kJoinSelf,
};
const char* NameOf(Misuse misuse);

class Machine {
 public:
  explicit Machine(std::pmr::memory_resource* memory);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Back to one running task `main` and no objects but its thread object. Keeps memory.
  void Reset(const MachineOptions& options, SyncListener* listener /* may be null */);

  // ---- Objects ----
  // References to objects are valid until the next AddObject or AddTask.
  ObjectId AddObject(ObjectKind kind);
  ObjectState& object(ObjectId id) { return objects_[Index(id)]; }
  const ObjectState& object(ObjectId id) const { return objects_[Index(id)]; }
  uint32_t object_count() const { return static_cast<uint32_t>(objects_used_); }

  // ---- Channels ----
  // `by`, which runs, opens (or, as part of its last operation, closes) so many ends. To open one is no
  // operation: whoever does so has one already, so that nobody can notice.
  void ChangeEnds(TaskId by, ObjectId channel, int32_t reading, int32_t writing);
  const std::pmr::vector<EndsChange>& ends_changes() const { return ends_changes_; }
  // The same as in `other` when that had come so far.
  void RepeatChange(const EndsChange& change);
  // A poll for these interests; `waits` unless it only looks; `suspends`: signals that were
  // blocked until now end it too (ppoll). `shown`: what else the answer depends on.
  Operation PollOf(std::span<const Interest> interests, bool waits, bool suspends = false,
                   std::span<const ObjectUse> shown = {});
  static bool Waits(uint64_t poll) { return (poll & 1) != 0; }
  static bool Suspends(uint64_t poll) { return (poll & kPollSuspends) != 0; }
  std::span<const Interest> InterestsOf(uint64_t poll) const;
  // Kept until the next Reset. In executions that go the same way up to here it is the same memory.
  const ObjectUse* AddUses(std::span<const ObjectUse> uses);

  // ---- System V semaphores ----
  Operation SemAdjustOf(std::span<const SemStep> steps);
  // A kSemAdjust, or (steps of 0) a kSemUndo, to be performed before a process exits.
  // The steps of a kSemAdjust or kSemUndo.
  std::span<const SemStep> StepsOf(const Operation& operation) const;
  // What of the semaphore the process wants undone; null if it never wanted that.
  SemUndo* UndoOf(ProcessId process, ObjectId semaphore);
  const std::pmr::vector<SemUndo>& undos() const { return undos_; }
  void AddUndo(ProcessId process, ObjectId semaphore, int32_t adjustment);
  // That is done.
  void Undo(SemUndo& undo);
  // Nobody wants anything of this semaphore undone any more.
  void ForgetUndos(ObjectId semaphore);

  // ---- Tasks ----
  // A new task in status kNew, child of `parent`; it becomes schedulable (pending kThreadStart) when
  // `parent` performs kThreadCreate with its id as argument.
  TaskId AddTask(TaskId parent);
  TaskState& task(TaskId id) { return *tasks_[Index(id)]; }
  const TaskState& task(TaskId id) const { return *tasks_[Index(id)]; }
  uint32_t task_count() const { return static_cast<uint32_t>(tasks_used_); }
  // Tasks that have not finished, in order of creation (also kNew ones).
  const std::pmr::vector<TaskId>& live_tasks() const { return live_; }

  // `task` has reached a scheduling point. Whoever makes it a cancellation point sets
  // TaskState::cancelable before or after; performing the operation clears it.
  // A lock that the task itself holds is reported as misuse here. REQUIRES: status kRunning.
  void SetPending(TaskId task, const Operation& operation);
  // The ways in which `task` could go on now; none if it is not at a scheduling point.
  Alternatives EnabledOf(TaskId task) const;
  // Performs the pending operation. REQUIRES: EnabledOf(task).Has(alternative).
  // Unless the result says blocked, the task is kRunning afterwards.
  OpResult Execute(TaskId task, uint32_t alternative);
  // The task's code has ended; performs kThreadExit: joiners become enabled. REQUIRES: kRunning.
  void Finish(TaskId task);

  // The misuse that the last Execute or SetPending saw, and on which object; kNone mostly.
  Misuse last_misuse() const { return last_misuse_; }
  ObjectId misuse_object() const { return misuse_object_; }

  // ---- Spinning: told by whoever sees the program's values ----
  // The value of `object` has changed, or it has become available.
  void NoteChange(ObjectId id) { ++object(id).changes; }
  // `task` did something that others may notice, if only after it has released the locks it holds. A
  // critical section without any changes nothing for those who spin on the lock.
  void NoteEffect(TaskId id) { ++task(id).effects; }
  // The memory operation that `task` is about to do finds the object (all eight bytes of a granule)
  // with this value; it has left it with that one; a compare-exchange would have found this one when
  // its task arrived there. To be told by whoever sees the program's values.
  void NoteFound(TaskId id, uint64_t value) { task(id).found = value; }
  void NoteFaced(TaskId id, uint64_t value) { task(id).faced = value; }
  void NoteLeft(TaskId id, uint64_t value) { task(id).left = value; }
  // True if the task repeats itself, and nothing it watches has changed.
  bool SpinsInVain(const TaskState& task) const {
    return task.pending.spin != Spin::kNone && WatchUnchanged(task);
  }
  // True if the task stands still although something it watches has changed.
  bool GaveUp(const TaskState& task) const {
    return task.status == TaskStatus::kPending && task.pending.spin == Spin::kVain &&
           !WatchUnchanged(task);
  }

  // ---- Processes and signals (machine_processes.cc) ----
  // A new process, whose main task is `main` (just added, in status kNew), child of the process of the
  // task's parent. It is there once the parent performs kFork.
  ProcessId AddProcess(TaskId main);
  ProcessState& process(ProcessId id) { return processes_[Index(id)]; }
  const ProcessState& process(ProcessId id) const { return processes_[Index(id)]; }
  ProcessState& process_of(TaskId id) { return process(task(id).process); }
  const ProcessState& process_of(TaskId id) const { return process(task(id).process); }
  uint32_t process_count() const { return static_cast<uint32_t>(processes_.size()); }
  // Number by which the program knows a process: the one of its main task. And back: kNoProcess if there
  // is none, or it is gone.
  static constexpr uint32_t kFirstPid = 1000;
  uint32_t PidOf(ProcessId id) const { return kFirstPid + Index(process(id).main); }
  ProcessId ProcessOf(uint32_t pid) const;
  // The object of the task's process; made if there is none yet.
  ObjectId OwnProcessObject(TaskId task);
  // Whether the process has tasks that have not ended, besides `task`.
  bool HasOtherTasks(TaskId task) const;
  // The same, but for tasks of which `task` cannot know that they have ended: nobody joined them. Does not
  // depend on how far they have come.
  bool MayHaveOtherTasks(TaskId task) const;

  // ---- Operations of `task`, for SetPending ----
  Operation ForkOf(TaskId task, ProcessId child) const;
  // `status`: as waitpid tells it.
  Operation ExitOf(TaskId task, int status);
  Operation ParentOf(TaskId task);
  // REQUIRES: the order's process or task is one of this execution.
  Operation SignalOf(TaskId task, const SignalOrder& order);
  Operation SettingOf(TaskId task, const SignalSetting& setting);
  // The signals that `task` has to handle before anything else.
  SignalSet Deliverable(const TaskState& task) const { return task.signals & ~task.blocked; }
  // Whether the pending operation of `task` would give way to a handler if it were performed now.
  bool WouldBeInterrupted(const TaskState& task) const {
    return task.disturbed && Interruptible(task);
  }
  // A setting for a kSignalSetting of this execution; its index.
  uint64_t AddSetting(const SignalSetting& setting);
  const SignalSetting& setting(uint64_t index) const { return (*settings_)[index]; }
  // For copies of a machine that perform its operations: lists are looked up there.
  void ShareLists(const Machine& other) {
    settings_ = other.settings_;
    interests_used_ = &other.interests_;
    steps_used_ = &other.sem_steps_;
  }
  // For the rows: starts `process` as a copy of `parent`.
  void StartProcess(ProcessState& process, const ProcessState& parent);
  // All its tasks end, its children become orphans, its parent is told.
  void EndProcess(ProcessState& process, int status);
  // The process of `task` executes a program: its other tasks end, it has no handlers any more.
  void ReplaceProgram(TaskState& task);
  // The task is about to end: this robust mutex, if it is one that it holds, goes to whoever comes next.
  void AbandonRobust(TaskState& task, ObjectId mutex);
  // What a process does about SIGCHLD has changed: so has whom the pending operations reach.
  void RenewReach();
  // Whom the pending operation of the task concerns. To be called when it has one.
  void SetReach(TaskState& task) const;
  // Whether any process was ever stopped by a signal.
  bool was_stopped() const { return was_stopped_; }
  // `signal` to the process, or (if given) to this task of it only.
  void Send(ProcessState& process, int signal, TaskId only);
  void Disturb(TaskState& task);
  // The child of `parent` that a wait finds; kNoProcess if there is none yet. *any: there is one to
  // wait for.
  ProcessId FindChild(const ProcessState& parent, const ProcessFilter& filter, bool* any) const;

  // Virtual time in nanoseconds since the start of the execution. An operation that times out, and a
  // sleep, moves it to its deadline if that is later.
  uint64_t now() const { return now_; }
  void set_now(uint64_t now) { now_ = now; }

  // Between kAtomicBegin and kAtomicEnd only this task is enabled; kNoTask otherwise.
  TaskId atomic_owner() const { return atomic_owner_; }

  // Whether operations may not come to be done for signals: there are other processes, or handlers.
  bool exposed() const { return exposed_; }
  // From now on. By itself when the first task arrives at a fork, a setting or a signal: what others did just
  // before, and nobody could notice, then counts as done before any signal.
  void Expose();

  // Changes whenever any task takes or gives up a lock; never repeats, also not after a Reset.
  uint64_t held_version() const { return held_version_; }
  // How `task` holds `object`; null if it does not.
  const HeldLock* FindHeld(TaskId task, ObjectId object) const;

  // ---- For the rows of the table (model/operations/) ----
  void Enqueue(ObjectState& object, TaskState& task);   // at the end of the queue
  TaskId Dequeue(ObjectState& object);                  // kNoTask if empty
  void RemoveWaiter(ObjectState& object, TaskId task);  // no-op if it is not queued
  void PushHeld(TaskState& task, ObjectId object, LockMode mode);
  void PopHeld(TaskState& task, ObjectId object);
  void ReportMisuse(Misuse misuse, ObjectId object);
  void AdvanceTo(uint64_t deadline);
  SyncListener* listener() { return listener_; }
  const MachineOptions& options() const { return options_; }
  void set_options(const MachineOptions& options) { options_ = options; }
  void set_atomic_owner(TaskId task) { atomic_owner_ = task; }
  uint32_t atomic_depth() const { return atomic_depth_; }
  void set_atomic_depth(uint32_t depth) { atomic_depth_ = depth; }
  // Makes the task kFinished and takes it off the live ones.
  void EndTask(TaskState& task);

  // Policy of each rwlock, decided when it is first used.
  RwPolicy rw_policy(ObjectId id) const { return static_cast<RwPolicy>(objects_[Index(id)].limit); }
  void set_rw_policy(ObjectId id, RwPolicy p) {
    objects_[Index(id)].limit = static_cast<uint32_t>(p);
  }

 private:
  static constexpr uint64_t kPollSuspends = uint64_t{1} << 31;
  static constexpr size_t kUsesInChunk = 4096;

  // Makes the operation one on these objects.
  void SetUses(Operation& operation, std::span<const ObjectUse> uses);

  bool WatchUnchanged(const TaskState& task) const;
  // The task whose timeout fires under timeouts_any == false: the one with the earliest deadline, if
  // nobody can go on otherwise; kNoTask if somebody can.
  TaskId NextTimeout() const;
  void ReportRelock(const TaskState& task);
  // The pending operation of a task that is cancelled there.
  OpResult CancelPending(TaskState& task);
  // Whether the pending operation gives way to handlers now; and that.
  bool Interruptible(const TaskState& task) const;
  OpResult Interrupt(TaskState& task);
  // All tasks of the process, and those that it was about to fork; but not `except`.
  void EndTasks(ProcessState& process, TaskId except);
  // What the process wanted undone at its end.
  void UndoAll(const ProcessState& process);
  // The process has ended; its parent learns that. REQUIRES: it has one.
  void TellParent(ProcessState& process);
  // Who becomes the parent of the process's children when it ends: the nearest ancestor that has asked for that;
  // kNoProcess if there is none.
  ProcessId ReaperFor(const ProcessState& process) const;
  // Whether the process, or one that it descends from, is or was a reaper.
  bool BelowReaper(ProcessId process) const;
  void Stop(ProcessState& process, int signal);
  void Continue(ProcessState& process);
  // The object of the process that forked this one; kNoObject if there is none.
  ObjectId ForkerOf(const ProcessState& process) const;

  std::pmr::memory_resource* memory_;
  std::pmr::vector<TaskState*>
      tasks_;  // all ever made; the first tasks_used_ are of this execution
  std::pmr::vector<ObjectState> objects_;
  std::pmr::vector<TaskId> live_;
  std::pmr::vector<ProcessState> processes_;
  std::pmr::vector<SignalSetting> own_settings_;
  const std::pmr::vector<SignalSetting>* settings_ = nullptr;
  std::pmr::vector<EndsChange> ends_changes_;
  std::pmr::vector<Interest> interests_;  // of all polls
  const std::pmr::vector<Interest>* interests_used_ = &interests_;
  std::pmr::vector<SemStep> sem_steps_;  // of all semops
  const std::pmr::vector<SemStep>* steps_used_ = &sem_steps_;
  std::pmr::vector<SemUndo> undos_;
  std::pmr::vector<ObjectUse> uses_;         // of the operation that is put together
  std::pmr::vector<ObjectUse*> use_chunks_;  // of kUsesInChunk each
  size_t uses_used_ = 0;
  size_t tasks_used_ = 0;
  size_t objects_used_ = 0;
  MachineOptions options_;
  SyncListener* listener_ = nullptr;
  Misuse last_misuse_ = Misuse::kNone;
  ObjectId misuse_object_ = kNoObject;
  uint64_t now_ = 0;
  TaskId atomic_owner_ = kNoTask;
  bool exposed_ = false;  // there are other processes, or handlers
  bool was_stopped_ = false;
  TaskId executing_ = kNoTask;  // within Execute
  uint64_t held_version_ = 0;
  uint32_t atomic_depth_ = 0;  // of nested kAtomicBegin; 0 if atomic_owner_ is kNoTask
};

// Whether a poll with this interest need not wait.
bool IsReady(const Machine& machine, const Interest& interest);

// The first step of the pending kSemAdjust of `task` that cannot be done now; null if none has to wait.
const SemStep* FirstBlockedStep(const Machine& machine, const TaskState& task);

}  // namespace csim

#endif  // CSIM_MODEL_MACHINE_H_
