// The one runtime object, and what dies with one execution.
//
// Ground rules for everything in this folder, which lives inside a foreign process: no malloc (it is
// ours to provide), no stdio, no locks, no exceptions across a hook, no thread-locals (a task's
// thread-locals move between kernel threads). Exactly one task runs at a time, so nothing here needs
// to be atomic. Whatever must survive the process lies in the shared mapping; the rest is private to
// the process and is made anew by fork.
#ifndef CSIM_SIM_RUNTIME_RUNTIME_H_
#define CSIM_SIM_RUNTIME_RUNTIME_H_

#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <unordered_set>

#include "checker/fairness.h"
#include "checker/race_detector.h"
#include "checker/serializability.h"
#include "model/machine.h"
#include "model/outcome.h"
#include "model/schedule.h"
#include "scheduler/event_order.h"
#include "scheduler/factory.h"
#include "sim/mapping/arena.h"
#include "sim/mapping/mapping.h"
#include "sim/runtime/capabilities.h"
#include "sim/runtime/context_tree.h"
#include "sim/runtime/cycle_watch.h"
#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/findings.h"
#include "sim/runtime/heap.h"
#include "sim/runtime/images.h"
#include "sim/runtime/kernel_state.h"
#include "sim/runtime/memory_objects.h"
#include "sim/runtime/object_table.h"
#include "sim/runtime/processes.h"
#include "sim/runtime/program_state.h"
#include "sim/runtime/racy_locations.h"
#include "sim/runtime/recorder.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/shadow_memory.h"
#include "sim/runtime/shared_memory.h"
#include "sim/runtime/snapshot.h"
#include "sim/runtime/spins.h"
#include "sim/runtime/thread_pool.h"

namespace csim {

struct ThreadLocalDestructor {
  void (*function)(void*);
  void* object;
  ThreadLocalDestructor* next;
};

// What the runtime knows of a task beyond the machine's TaskState.
struct TaskBody {
  uint32_t slot = 0;           // in the pool of its process
  uint32_t detector_slot = 0;  // in the race detector
  void* (*start)(void*) = nullptr;
  void* argument = nullptr;
  void* result = nullptr;
  bool cancel_disabled = false;
  bool cancel_asynchronous = false;
  bool suspended = false;  // in sigsuspend, ppoll, ...: no handler has run yet
  uint32_t handlers = 0;   // of signals that are running, one inside the other
  SignalSet handled =
      0;  // signals for which it knows its process has a handler: from who made it, and itself
  SignalSet restarting = 0;      // those of them with SA_RESTART
  bool restarted = false;        // the last handler that ended a wait of it was one of those
  uint32_t program = 0;          // as Runtime::program, when it began
  bool was_interrupted = false;  // its last wait ended by a signal from outside (--io-faults)
  bool exiting = false;          // inside pthread_exit or behind the end of its start function
  ThreadLocalDestructor* destructors = nullptr;
  char name[16] = {};        // pthread_setname_np; empty: the program's
  uint32_t alternative = 0;  // chosen for its pending operation
  csim_context* context = nullptr;
  const csim_site* call_site = nullptr;
  CallerState local;  // where it stands, if Config::every_round; `sp` 0: not known
};

// State of the running execution; reset for each.
struct Execution {
  uint64_t number = 0;  // among all of the session
  uint64_t step = 0;
  TaskId current = kMainTask;
  Outcome outcome = Outcome::kCompleted;
  int32_t exit_code = 0;
  bool active = false;  // the program's code runs under the gate
  uint32_t output_size = 0;
  uint64_t written = 0;       // bytes of output, with those that are not kept
  uint32_t racy_active = 0;   // the first so many racy locations are scheduling points
  bool knows_time = false;    // the program has looked at a clock
  bool fresh_wanted = false;  // left what cannot be undone in place
  uint64_t random = 0;        // state of the program's random device
  // The last plain access that took the slow path: if it is the one that faults, its place is known.
  uintptr_t access_begin = 0;
  uintptr_t access_end = 0;
  SiteId access_site = kNoSite;
  FindingRecord cycle;  // of locks, seen in this execution; wait_count 0: none
  uint64_t cycle_signature = 0;
  TaskBody bodies[kMaxTasks];
};

// What the processes of one exploration share beyond the mapping's records; lies in the arena.
struct Shared {
  explicit Shared(Arena* arena)
      : memory(arena),
        machine(arena),
        objects(&machine, arena),
        descriptors(arena),
        memory_objects(arena),
        fairness(arena),
        schedule(arena),
        order(arena),
        state(arena),
        cycle_watch(arena),
        known(arena),
        capabilities(arena),
        serializability(arena) {}
  Arena* memory;
  Machine machine;
  ObjectTable objects;
  Descriptors descriptors;
  MemoryObjects memory_objects;
  Fairness fairness;             // if Config::fairness
  Arena* part_memory = nullptr;  // for what lives as long as a part
  StrategyPtr strategy;          // of the part
  uint32_t part = 0;             // number of the last part that was begun
  bool part_open = false;        // it is not done yet
  uint32_t racy_active = 0;      // so many racy locations are scheduling points in this part
  char* kept_copy = nullptr;     // what the last keep_wanted got
  size_t kept_capacity = 0;
  RaceDetector* detector = nullptr;
  ContextTree* contexts = nullptr;
  Schedule schedule;  // of the running execution, so far
  EventOrder order;   // kept if the program asks for it
  ProgramState state;
  CycleWatch cycle_watch;
  std::pmr::unordered_set<uint64_t> known;  // what the program has told csim_remember, ever
  Capabilities capabilities;
  Serializability serializability;  // of atomic blocks
  RaceReporter race_reporter;
  Findings findings;
  bool main_moved = false;           // the main process is another one than the worker
  uint32_t programs_executed = 0;    // by all processes of the execution
  uint32_t real_count = 1;           // so many of real_processes were ever used
  const void* runtime_at = nullptr;  // where the runtime lies in all processes
  void* spin_logs = nullptr;
  Errand errand;             // for the worker
  bool engine_turn = false;  // the execution is over: the engine goes on
  uint32_t slot_users = 0;   // of the race detector's slots so many were used in this execution
  uint64_t executions_begun = 0;
  uint32_t slots_wanted = 1;    // most threads that an execution has used at once
  bool execution_open = false;  // begun, and neither finished nor accounted for
  // Arrays of which an execution uses the beginning come last: a new process finds each page that it uses
  // one by one.
  ProcessBody processes[kMaxProcesses];  // of the running execution, by ProcessId
  RealProcess real_processes[kMaxReal];  // the worker is the first
  Execution execution;
  TaskId slot_user[ThreadPool::kMaxSlots];  // last task in each slot of the race detector
  SharedPieces shared_pieces;
  struct SignalSource {
    int pid;
    int value;
    int code;  // as siginfo_t's si_code
  };
  SignalSource signal_sources[kMaxProcesses][65];  // of the last one sent
  char program_name[512] = {};                     // as main was given it
  char program_path[512] = {};                     // and where it lies
  uint64_t program_device = 0;
  uint64_t program_inode = 0;
};

struct Runtime {
  Mapping* mapping = nullptr;  // null: not under csim, everything is passed on to libc
  std::atomic<uint32_t>* doorbell = nullptr;
  Shared* shared = nullptr;
  bool worker = true;  // this is the worker, which the execution's end comes back to: the main
                       // process, unless that was moved
  uint32_t real = kWorkersReal;      // index of this process among Shared::real_processes
  ProcessId process = kMainProcess;  // which one this is
  uint32_t space = 0;                // of its memory (object_table.h)
  int mapping_fd = -1;               // kept for programs that it executes
  uint32_t program = 0;              // number of the program that this process runs (ProgramRecord)
  int bell_fd = -1;
  Recorder recorder;
  ShadowMemory shadow;
  Spins spins;
  Context engine_context;
  KernelThread main_kernel;
  char* engine_stack_top = nullptr;
  struct StackCache {  // the last answer of StackWithLocks
    const csim_context* context = nullptr;
    uint64_t held_version = 0;
    TaskId task = kNoTask;
    StackId stack = kNoStack;
  };
  StackCache stack_cache;
  bool exiting = false;  // exit() has begun in this process ...
  int exit_code = 0;     // ... with this
  int internal = 0;      // > 0: the runtime itself is calling into libc

  // The program's main, once known.
  int (*main_function)(int, char**, char**) = nullptr;
  int argc = 0;
  char** argv = nullptr;
  char** envp = nullptr;

  // What is written in each execution lies above here or at the beginning of what follows: each page of
  // it is copied once more for every process.
  Heap heap;
  SharedMemory shared_memory;
  ThreadPool pool;
  KernelState kernel_state;
  Snapshot snapshot;
  Images images;
  RacyLocations racy;

  const Config& config() const { return mapping->config; }
  Control& control() { return mapping->control; }
  Execution& execution() { return shared->execution; }
  Machine& machine() { return shared->machine; }
  ObjectTable& objects() { return shared->objects; }
  RaceDetector& detector() { return *shared->detector; }
  TaskId current() const { return shared->execution.current; }
  TaskBody& body(TaskId task) { return shared->execution.bodies[Index(task)]; }
  // Is program code running under the gate, called from the program and not by ourselves?
  bool Active() const { return shared != nullptr && shared->execution.active && internal == 0; }
  // The running task's place in the source, for an operation that it is about to do.
  SiteId CallSite() const;
  StackId CurrentStack() const;
  // The same with the locks that the running task holds on top.
  StackId StackWithLocks();
};

extern Runtime g_runtime;

// While it lives, calls that reach our own entry points are ours, not the program's.
class InternalScope {
 public:
  InternalScope() { ++g_runtime.internal; }
  ~InternalScope() { --g_runtime.internal; }
  InternalScope(const InternalScope&) = delete;
  InternalScope& operator=(const InternalScope&) = delete;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_RUNTIME_H_
