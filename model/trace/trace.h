// The record of one execution, complete enough to be shown, compared and run again.
//
// Plain values for csim's own side (reports, trace files, tests); the runtime writes the compact
// records of sim/mapping instead. Indexes refer to the vectors of the same Trace; -1 is "none".
#ifndef CSIM_MODEL_TRACE_TRACE_H_
#define CSIM_MODEL_TRACE_TRACE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace csim {

inline constexpr int kTraceVersion = 1;

// A place in the source.
struct Place {
  std::string file;  // empty: not known
  uint32_t line = 0;
  uint32_t column = 0;
  std::string function;
  std::string text;      // the expression: "++counter"
  std::string variable;  // the declaration: "counter"
  // Where user code called the library function that the place lies in; empty file: it is user code.
  std::string caller_file;
  uint32_t caller_line = 0;
  bool known() const { return !file.empty(); }
  // The place in user code: of the call if the place itself lies in a library function.
  const std::string& user_file() const { return caller_file.empty() ? file : caller_file; }
  uint32_t user_line() const { return caller_file.empty() ? line : caller_line; }
  friend bool operator==(const Place&, const Place&) = default;
};

// A call stack, innermost first: the function, and the place in it that is being executed.
struct Frame {
  std::string function;
  Place place;  // unknown for the innermost frame (the access or operation has its own place)
  bool is_coroutine = false;
  friend bool operator==(const Frame&, const Frame&) = default;
};
using Stack = std::vector<Frame>;

struct TraceTask {
  std::string name;      // "main", "T1", "P1.main", "P1.T2"
  std::string function;  // what it runs: "worker"; may be empty
  int parent = -1;
  int process = 0;
  bool detached = false;
  bool finished = false;
  Place created_at;
  Stack created_stack;
  friend bool operator==(const TraceTask&, const TraceTask&) = default;
};

struct TraceObject {
  std::string kind;   // "mutex", "condition", "memory", ...
  std::string name;   // "m", "forks[2]", "accounts[from].m"
  std::string where;  // "global", "heap block of 64 bytes allocated at bank.cpp:12", "stack of T1"
  friend bool operator==(const TraceObject&, const TraceObject&) = default;
};

enum class TaskSituation : uint8_t { kNew, kReady, kRunning, kWaiting, kTerminated };
const char* NameOf(TaskSituation situation);

struct TaskMoment {
  TaskSituation situation = TaskSituation::kNew;
  int waits_for = -1;  // object
  friend bool operator==(const TaskMoment&, const TaskMoment&) = default;
};

struct TraceEvent {
  uint64_t step = 0;
  int task = -1;
  std::string operation;  // name of the operation's row: "mutex_lock"
  uint32_t alternative = 0;
  int object = -1;
  int object2 = -1;
  Place place;
  Stack stack;
  bool blocked = false;  // it did not complete: the task waits
  int error = 0;
  uint64_t value = 0;
  uint64_t now = 0;               // virtual nanoseconds
  std::vector<TaskMoment> tasks;  // all tasks after the event; may be empty in very long traces
  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

struct TraceNote {
  uint64_t step = 0;
  int task = -1;
  std::string text;
  friend bool operator==(const TraceNote&, const TraceNote&) = default;
};

struct Lock {
  int object = -1;
  bool shared = false;
  Place taken_at;
  friend bool operator==(const Lock&, const Lock&) = default;
};

// How a task came to an access, and what it held there.
struct AccessContext {
  Stack stack;
  std::vector<Lock> locks;
  friend bool operator==(const AccessContext&, const AccessContext&) = default;
};

// One side of a race, or the place where something else happened.
struct Side {
  int task = -1;
  std::string access;  // "read", "write", "atomic read", "atomic write", "lock", ""
  uint32_t size = 0;
  Place place;
  Stack stack;
  std::vector<Lock> locks;
  friend bool operator==(const Side&, const Side&) = default;
};

// A task of a deadlock.
struct BlockedTask {
  int task = -1;
  std::string operation;
  int object = -1;
  Place place;
  Stack stack;
  int holder = -1;  // task; -1: nobody holds it
  Place holder_place;
  bool in_cycle = false;
  bool spins = false;      // repeats a loop until something changes
  bool elsewhere = false;  // the holder took it in the process from which this one was forked
  std::string detail;      // at a channel: what is waited for, in words
  friend bool operator==(const BlockedTask&, const BlockedTask&) = default;
};

struct Finding {
  std::string kind;      // "data-race", ...
  std::string message;   // one sentence
  std::string variable;  // "counter"
  std::string where;     // "global `counter`", "heap block of 64 bytes ..."
  bool partial = false;
  uint64_t step = 0;
  std::vector<Side> sides;
  std::vector<BlockedTask> waits;
  // Memory errors and heap locations.
  Place allocated_at;
  Stack allocated_stack;
  int allocated_by = -1;
  Place freed_at;
  Stack freed_stack;
  int freed_by = -1;
  // Livelock: the steps from this one on, so many, lead back to the same state; length 0: there is no such cycle.
  uint64_t cycle_begin = 0;
  uint64_t cycle_length = 0;
  std::string detail;     // values of an assertion's operands, type of an exception, signal, ...
  std::string signature;  // hexadecimal; equal for the same bug
  friend bool operator==(const Finding&, const Finding&) = default;
};

// An access to memory, as far as csim looks at them all: the first one of a task to these bytes between
// two of its operations that order something.
struct TraceAccess {
  uint64_t events =
      0;  // that were there before it; of an atomic access: its own is the last of them
  int task = -1;
  uint64_t granule = 0;  // names 8 bytes of memory in this execution
  uint8_t mask = 0;      // which of them
  bool is_write = false;
  bool is_atomic = false;
  uint32_t place = 0;    // of Trace::access_places
  uint32_t context = 0;  // of Trace::access_contexts
  friend bool operator==(const TraceAccess&, const TraceAccess&) = default;
};

struct ScheduleStep {  // `count` times the same choice
  uint32_t task = 0;
  uint32_t alternative = 0;
  uint64_t count = 1;
  friend bool operator==(const ScheduleStep&, const ScheduleStep&) = default;
};

struct RacyLocation {  // a location whose plain accesses were scheduling points
  std::string space;   // "global", "heap", "stack", "thread-local", "unknown"
  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t offset = 0;
  friend bool operator==(const RacyLocation&, const RacyLocation&) = default;
};

// What a replay has to do the same way.
struct TraceOptions {
  bool timeouts_any = true;
  bool spurious_wakeups = false;
  std::string rwlock_policy = "program";
  uint64_t max_steps = 0;
  uint64_t memory_limit = 0;
  uint32_t endless_loop_ms = 0;
  bool io_faults = false;
  bool fairness = false;          // with how often waiting tasks are passed ...
  uint32_t fairness_bound = ~0u;  // ... and a bug if that is more
  std::string property;           // that the program was to check
  bool every_round = false;       // tasks that spin were not disabled
  friend bool operator==(const TraceOptions&, const TraceOptions&) = default;
};

struct Trace {
  std::string program;               // source file(s) or program, as given
  std::vector<std::string> sources;  // to build it again
  std::vector<std::string> flags;
  std::vector<std::string> arguments;  // of the program
  std::string stdin_file;
  std::string hash;  // of what the program was built from
  TraceOptions options;
  std::string strategy;  // that found it
  uint64_t seed = 0;
  uint64_t execution = 0;  // which execution of that exploration
  std::vector<ScheduleStep> schedule;
  std::vector<RacyLocation> racy;
  std::vector<TraceTask> tasks;
  std::vector<TraceObject> objects;
  std::vector<TraceEvent> events;
  uint64_t events_lost = 0;  // of a very long execution
  std::vector<TraceNote> notes;
  std::string output;
  std::string outcome;  // "completed", "deadlock", ...
  int exit_code = 0;
  std::vector<Finding> findings;  // all of this execution; the trace's own is the first
  // About the first finding: why it could happen, and the step after which it always does (0: not known).
  std::vector<std::string> explanation;
  uint64_t inevitable_step = 0;
  // Not kept in files.
  std::vector<TraceAccess> accesses;
  std::vector<Place> access_places;
  std::vector<AccessContext> access_contexts;
  uint64_t accesses_lost = 0;
  friend bool operator==(const Trace&, const Trace&) = default;
};

}  // namespace csim

#endif  // CSIM_MODEL_TRACE_TRACE_H_
