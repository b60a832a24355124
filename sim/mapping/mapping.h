// The one shared mapping between csim (sim/host) and the program under test (sim/runtime).
//
// csim makes it (an anonymous memory file), fills in `Config`, and starts the program, which maps it
// at the address that csim chose, so that pointers into it mean the same everywhere. All that csim
// reads are plain records with indexes and offsets which it checks against their bounds: the program
// may have written anything over them.
//
// The search is done in parts (scheduler/frontier.h), one after the other:
//   csim      clears what belongs to a part, fills in `part`, raises Control::part_wanted and wakes
//             whoever waits for it
//   runtime   explores, leaves the records and the strategy's state, sets Control::part_done and rings
//             the doorbell
// While a part is explored, csim reads the counters only. When it wants more, it raises
// Control::keep_wanted; at the end of the running execution the runtime makes a copy of all, sets
// keep_done and rings. Control::kept says where the copy is, or the records themselves when the part
// is done; they stay as they are until csim wants something again.
//
// The doorbell is a word in a page of its own, shared by csim and all its programs.
#ifndef CSIM_SIM_MAPPING_MAPPING_H_
#define CSIM_SIM_MAPPING_MAPPING_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "model/finding_kind.h"
#include "model/ids.h"
#include "model/operation.h"
#include "model/outcome.h"
#include "sim/mapping/made_files.h"

namespace csim {

inline constexpr uint64_t kMappingMagic = 0x63'73'69'6d'6d'61'70'01;  // "csimmap", version 1

// Environment variable that tells a program it runs under csim: "FD:ADDRESS:SIZE:BELL", hexadecimal;
// FD and BELL are the descriptors of the mapping and of the doorbell's page.
inline constexpr char kMappingVariable[] = "CSIM_MAPPING";

enum class SwitchMode : uint8_t { kUser, kKernel };
enum class RestartMode : uint8_t { kInPlace, kFork };
enum class RwPolicyChoice : uint8_t { kProgram, kReaderFirst, kWriterFirst, kFair };

// What csim asks for. Written before the program starts.
struct Config {
  uint64_t seed;
  uint64_t max_steps;        // per execution
  uint64_t memory_limit;     // bytes of heap per execution
  uint32_t preemptions;      // ~0: no bound
  uint32_t depth;            // of the bugs that pct looks for
  uint32_t endless_loop_ms;  // of processor time without a scheduling point
  uint32_t max_tasks;
  SwitchMode switch_mode;
  RestartMode restart_mode;
  RwPolicyChoice rw_policy;
  bool timeouts_any;
  bool spurious_wakeups;
  bool strict_processes;  // findings of kind kProcess are bugs
  bool io_faults;   // reads and writes of pipes and stream sockets may be short, waits interrupted
  bool keep_going;  // do not stop after the execution with the first finding
  bool all_outcomes;        // count every distinct output
  bool keep_points;         // locations that turn out to be racy do not become scheduling points
  bool record;              // one execution, with its events
  bool every_round;         // a task that spins is not disabled: each round of its loop is explored
  char property[64];        // that the program is to check; empty: its first, kNoProperty: none
  uint32_t fairness_bound;  // how often a waiting task may be passed; ~0: as often as others like
  bool fairness;            // find out how often waiting tasks are passed
  uint32_t ignored;         // bit 1 << FindingKind: no bug
  bool use_stdin;           // descriptor 0 is a file to be rewound for each execution
  // Input of the `replay` strategy. `cycle_length` not 0: the schedule goes round a cycle (model/schedule.h).
  uint64_t cycle_begin;
  uint64_t cycle_length;
  uint32_t schedule_runs;
  uint64_t schedule_offset;  // of ScheduleRun[schedule_runs] from the mapping's start
};

inline constexpr char kNoProperty[] = "?";

// The part of the search that csim wants explored. Written while the runtime waits.
struct PartOrder {
  char strategy[32];
  uint64_t executions;    // at most so many
  uint64_t state_offset;  // of Strategy::Load; from the mapping's start
  uint64_t state_size;    // 0: from the start
  uint64_t racy_offset;   // of LocationKey[racy_count]: plain accesses there are scheduling points
  uint32_t racy_count;
  uint32_t reserved;
  // The execution (after so many of the part) in which the process died before: if it dies there again,
  // that execution is given up as lost.
  uint64_t lost_at;
};
inline constexpr uint64_t kNowhere = ~uint64_t{0};

// Why the runtime is done with a part.
enum class PartEnd : uint8_t {
  kFinished,  // the strategy wants no more executions
  kExecutions,
  kBug,           // the first bug, and nobody wants more
  kRacy,          // a location turned out to be racy: the rest would be explored in vain
  kUncontrolled,  // the program did what csim cannot control
  kStopped,       // csim asked for it
};

// `count` times the same choice.
struct ScheduleRun {
  uint16_t task;
  uint16_t reserved;
  uint32_t alternative;
  uint64_t count;
};

// A location by what it is, not by its address; equal in every execution of the same program.
enum class LocationSpace : uint8_t { kUnknown, kGlobal, kHeap, kStack, kThreadLocal, kShared };
struct LocationKey {
  LocationSpace space;
  uint8_t reserved[3];
  uint32_t a;  // kGlobal: number of the image; kHeap, kShared: site where it was made; others: task
  uint64_t
      b;  // kGlobal: number of the program (ProgramRecord); kShared: name of the shared memory; kHeap: who allocated it (name of the task, 32 bits), and how many blocks it had
          // from that site before (32 bits); else 0
  uint64_t offset;  // from the image's base, the block's or the stack's start
  friend bool operator==(const LocationKey&, const LocationKey&) = default;
};

struct SideRecord {
  uint16_t task;
  uint8_t is_write;
  uint8_t is_atomic;
  uint32_t size;
  uint32_t site;
  uint32_t stack;
};

struct WaitRecord {  // one task that waits for ever
  uint16_t task;
  uint16_t holder;  // who would have to act; 0xffff: nobody
  uint8_t in_cycle;
  OpKind kind;
  uint8_t spins;      // repeats a loop in vain
  uint8_t elsewhere;  // the holder took it before this process was forked from its own
  uint32_t object;
  uint32_t site;
  uint32_t stack;
  uint32_t holder_site;  // where the holder took it
  uint32_t holder_stack;
  char mine[32];    // at a channel: by which descriptors the task has it, as "P0 (fd 3)" ...
  char others[96];  // ... and who has the end that would have to be used, or closed
};

inline constexpr uint32_t kMaxWaits = 64;

struct ConflictRecord {  // two accesses of a cycle of transactions, in their order
  SideRecord sides[2];
};
inline constexpr uint32_t kMaxConflicts = 16;

inline constexpr uint32_t kNoRequest = ~uint32_t{0};

struct FindingRecord {
  FindingKind kind;
  Outcome outcome;     // of its execution, once that has ended
  uint8_t misuse;      // Misuse
  uint8_t partial;     // deadlock: others went on; limit: so did the execution
  int32_t signal;      // crash
  uint64_t signature;  // equal for the same bug seen again
  uint64_t execution;  // number of the execution in the part, from 1
  uint64_t step;       // when it was seen
  uint64_t times;      // executions that had it
  uint64_t measure;    // a largest value: no bug, kept for the execution that had it first
  uint8_t is_measure;
  uint32_t request;  // Passing::request of starvation; kNoRequest
  // Livelock: `cycle_length` choices after `cycle_begin` of them lead back to the same state; 0: it is another one.
  uint64_t cycle_begin;
  uint64_t cycle_length;
  SideRecord sides[2];  // race: earlier, later; others: [0] is where it happened; contract: [1] is
                        // where somebody else took the lock; atomicity: where the block was entered
  LocationKey location;
  uint32_t location_size;  // of the heap block
  uint32_t alloc_site;
  uint32_t alloc_stack;
  uint16_t alloc_task;
  uint16_t free_task;  // 0xffff: not freed
  uint32_t free_site;
  uint32_t free_stack;
  uint32_t object;
  uint64_t address;  // crash
  uint32_t wait_count;
  WaitRecord waits[kMaxWaits];
  uint32_t conflict_count;
  ConflictRecord conflicts[kMaxConflicts];
  char text[512];    // assertion, exception, name of the call, ...
  char text2[2048];  // more of it: operands' values, type of the exception
  // How to run it again.
  uint64_t schedule_offset;
  uint32_t schedule_runs;
  uint32_t racy_count;  // the first so many of Control::racy were scheduling points
};
inline constexpr uint32_t kMaxFindings = 256;

// What a program says that it can check (sim/abi: csim_properties).
struct PropertyRecord {
  char name[64];
  char text[192];
  uint32_t flags;
};
// Bits of the flags, as in sim/abi.
inline constexpr uint32_t kPropertyReached = 1;
inline constexpr uint32_t kPropertyVirtualTime = 2;
inline constexpr uint32_t kPropertyNotDemanded = 4;
inline constexpr uint32_t kPropertyIgnoresRaces = 8;
inline constexpr uint32_t kPropertyIgnoresDeadlocks = 16;
inline constexpr uint32_t kMaxProperties = 64;

struct OutcomeRecord {
  uint64_t hash;
  int32_t exit_code;
  Outcome outcome;
  uint64_t executions;
  uint64_t first_execution;
  uint64_t output_offset;
  uint32_t output_size;
  uint32_t schedule_runs;
  uint64_t schedule_offset;
  uint32_t racy_count;
};
inline constexpr uint32_t kMaxOutcomes = 65536;

// ---- What a recorded execution leaves (Config::record) ----
struct EventRecord {
  uint32_t step;
  uint16_t task;
  OpKind kind;
  uint8_t blocked;  // did not complete: the task waits
  uint32_t alternative;
  uint32_t object;
  uint32_t object2;
  uint32_t site;
  uint32_t stack;
  int32_t error;
  uint64_t value;
  uint64_t now;  // virtual nanoseconds
};
inline constexpr uint32_t kMaxEvents = 1u << 20;

// An access to memory, as far as the runtime is told of it: the first one of a task to these bytes
// between two of its operations that order something (sim/abi/csim_abi.h).
struct MemoryRecord {
  uint64_t granule;  // names the 8 bytes in the memory of all processes
  uint32_t events;   // that were there before it; of an atomic access: its own is the last of them
  uint16_t task;
  uint8_t mask;  // which of the bytes
  uint8_t is_write : 1;
  uint8_t is_atomic : 1;
  uint32_t site;
  uint32_t stack;
};
inline constexpr uint32_t kMaxMemoryRecords = 1u << 20;

enum class RecordedState : uint8_t { kNew, kReady, kRunning, kWaiting, kTerminated };
// State of every task after an event: RecordedState in bits 0-7, what it waits for in bits 8-31
// (object number; 0xffffff: nothing). One row per event, task_count entries.
inline constexpr uint32_t kMaxStateCells = 1u << 22;

struct TaskRecord {
  uint16_t parent;
  uint8_t detached;
  uint8_t finished;
  uint32_t created_site;
  uint32_t created_stack;
  uint32_t start_function;  // offset of the entry function in image 0, for its symbol; 0 unknown
  uint16_t process;
  uint8_t is_main;  // of its process
  uint8_t reserved;
};

struct ObjectRecord {
  ObjectKind kind;
  LocationKey location;
  uint32_t first_site;  // where it was first used
  uint32_t alloc_site;
};
inline constexpr uint32_t kMaxObjectRecords = 65536;

struct NoteRecord {
  uint32_t step;
  uint16_t task;
  char text[90];
};
inline constexpr uint32_t kMaxNotes = 4096;

// A node of the calling-context tree. Above the calls of a stack there may be nodes for the locks held
// there, the last one taken on top.
struct StackNode {
  uint32_t parent;
  uint32_t call_site;  // in the caller; 0 unknown; kHeldLock | object for a lock
  uint32_t function;  // site of the function itself; of a lock: where it was taken; or kProgramRoot
};
// Of the node that stands for the root of a program that was executed.
inline constexpr uint32_t kProgramRoot = 0x7fffffff;
inline constexpr uint32_t kHeldLock = 1u << 31;
inline constexpr uint32_t kHeldShared = 1u << 30;
inline constexpr uint32_t kMaxStackNodes = 1u << 20;

// A program that another one has executed. Its number is the same in every execution: that of its name. The program
// that csim was told to explore has the number 0, and no record. Sites are the distance from the image's base, in
// units of 32 bytes; those of others with their number in front.
struct ProgramRecord {
  uint32_t number;
  uint32_t root;  // StackNode
  uint64_t device;
  uint64_t inode;
  char path[496];
};
inline constexpr uint32_t kMaxPrograms = 64;
inline constexpr uint32_t kSiteOfOther = 1u << 30;
inline constexpr uint32_t kProgramShift = 20;
inline constexpr uint32_t kMaxProgramNumber = (kSiteOfOther >> kProgramShift) - 1;
// 0: the main program's.
constexpr uint32_t ProgramOfSite(uint32_t site) {
  return site < kSiteOfOther ? 0 : (site - kSiteOfOther) >> kProgramShift;
}
// What the program itself knows the site by.
constexpr uint32_t SiteInProgram(uint32_t site) {
  return site < kSiteOfOther ? site : site & ((1u << kProgramShift) - 1);
}

inline constexpr uint32_t kMaxRacy = 16384;
inline constexpr uint32_t kMaxTasks = 1000;
inline constexpr uint32_t kMaxOutput = 1u << 20;  // bytes kept of one execution's output

// Why nobody can say what the state of the program is (sim/runtime/program_state.h), as bits.
enum UnknownState : uint32_t {
  kUnknownProcesses = 1,    // several processes, or signals
  kUnknownDescriptors = 2,  // files, pipes, sockets, ...
  kUnknownMapping = 4,      // memory that it has mapped itself
  kUnknownMemory = 8,       // too much of it, or remembered from execution to execution
  kUnknownStack = 16,       // a task is on a stack that is not its own, or a large one
};

// kDied: a worker process was killed from outside; the search is to be taken up elsewhere.
enum class Phase : uint32_t { kStarting, kRunning, kFailed, kDied };

// What was counted in a part.
struct PartCounts {
  uint64_t executions;
  uint64_t redundant;
  uint64_t vain;
  uint64_t cut;
  uint64_t steps;
  uint64_t limit_steps_hit;
  uint32_t lost;
  uint32_t restarts;
  uint32_t outcomes_lost;
  uint32_t nondet;
  uint32_t state_unknown;
};

// A part as it was between two executions, the last one maybe. The rest lies where the offsets say.
struct KeptPart {
  PartCounts counts;
  uint32_t finding_count;
  uint32_t outcome_count;
  uint64_t findings_offset;
  uint64_t outcomes_offset;
  uint64_t state_offset;  // of Strategy::Save
  uint64_t state_size;    // 0: the strategy cannot be saved
};

// Live state. The counters may be read by csim at any time.
struct Control {
  std::atomic<Phase> phase;
  std::atomic<uint32_t> part_wanted;   // number of the part that csim wants explored; 0: none yet
  std::atomic<uint32_t> part_done;     // number of the last one that was
  std::atomic<uint32_t> stop_request;  // set by csim: end the part after this execution
  std::atomic<uint32_t> keep_wanted;   // how often csim wanted a copy of the part so far ...
  std::atomic<uint32_t> keep_done;     // ... and got one
  // Of the part: all down to `racy_count`.
  std::atomic<uint64_t> executions;  // finished ones
  std::atomic<uint64_t> redundant;
  std::atomic<uint64_t> vain;             // ended with a task that had gone round a loop in vain
  std::atomic<uint64_t> cut;              // ended by a limit or csim::assume
  std::atomic<uint64_t> steps;            // of all finished executions
  std::atomic<uint64_t> tick;             // grows while anything moves
  std::atomic<uint32_t> in_execution;     // 1 while the program's code may run
  std::atomic<uint32_t> depth;            // steps of the execution that is running, for progress
  PartEnd part_end;                       // once it is done
  uint8_t finished;                       // the strategy wants no more
  uint8_t complete;                       // the strategy has explored everything
  uint8_t bounded;                        // ... within its bounds only
  std::atomic<uint64_t> limit_steps_hit;  // executions cut by max_steps
  uint32_t nondet;                        // choices from a sample of all values were made
  uint32_t lost;                          // executions whose process was killed from outside
  uint32_t restarts;                      // executions started in a fresh process
  uint32_t state_unknown;  // kUnknown...: why the state of the program was not known somewhere
  uint32_t finding_count;
  uint32_t outcome_count;
  uint32_t outcomes_lost;
  uint32_t racy_count;  // with those that the part began with
  KeptPart kept;
  uint32_t program_count;  // of `programs`
  uint32_t stack_node_count;
  // Of the last execution.
  Outcome last_outcome;
  int32_t last_exit_code;
  uint32_t last_output_size;
  uint64_t last_steps;
  // Recorded execution.
  uint32_t event_count;
  uint32_t events_lost;
  uint32_t state_cells;
  uint32_t state_tasks;  // entries per row in each row are given by state_row
  uint32_t task_count;
  uint32_t object_count;
  uint32_t note_count;
  uint32_t memory_count;
  uint32_t memory_lost;
  uint32_t property_count;
  uint64_t diverged_step;  // replay: first step that could not be followed
  char diverged_text[256];
  uint64_t recorded_schedule_offset;
  uint32_t recorded_schedule_runs;
  char failure[512];  // phase kFailed, kDied: why
};

// Everything at fixed places from the start of the mapping; the arena takes the rest.
struct Mapping {
  uint64_t magic;
  uint64_t size;
  uint64_t address;
  Config config;
  PartOrder part;
  Control control;
  FindingRecord findings[kMaxFindings];
  OutcomeRecord outcomes[kMaxOutcomes];
  LocationKey racy[kMaxRacy];
  PropertyRecord properties[kMaxProperties];
  StackNode stack_nodes[kMaxStackNodes];
  ProgramRecord programs[kMaxPrograms];
  TaskRecord tasks[kMaxTasks];
  ObjectRecord objects[kMaxObjectRecords];
  NoteRecord notes[kMaxNotes];
  EventRecord events[kMaxEvents];
  MemoryRecord memory[kMaxMemoryRecords];
  uint32_t state_row[kMaxEvents];  // where the row of an event starts in state_cells_data
  uint32_t state_cells_data[kMaxStateCells];
  MadeFiles made_files;     // by the running execution
  char output[kMaxOutput];  // of the running or last execution
  alignas(4096) char arena[1];
};

// Sparse: only what is touched costs memory.
inline constexpr size_t kMappingSize = size_t{64} << 30;
// The last piece is for what csim puts in, the one before for what lives as long as a part.
inline constexpr size_t kInputOffset = kMappingSize - (size_t{4} << 30);
inline constexpr size_t kPartOffset = kInputOffset - (size_t{16} << 30);

}  // namespace csim

#endif  // CSIM_SIM_MAPPING_MAPPING_H_
