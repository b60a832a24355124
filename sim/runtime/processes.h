// The real processes of an execution, and the baton between them: exactly one runs at a time.
//
// The worker is process 0, until that executes another program (LeaveWorker). A forked process is a copy of the
// one that forked it, made by a raw clone; it is the worker's child whoever forked it, so that the worker can
// reap all and none outlives it. A process that does not have the baton waits in a futex call on a word of the
// shared mapping. What a signal or an exit does to a process is the machine's business
// (model/machine_processes.cc), and needs no kernel: the kernel's process goes on to wait. If it ended as a
// process should it becomes the copy that a later fork makes (reuse.h), which is much cheaper than a new one;
// the worker kills all others when the execution is over.
//
// All functions: called by the holder of the baton.
#ifndef CSIM_SIM_RUNTIME_PROCESSES_H_
#define CSIM_SIM_RUNTIME_PROCESSES_H_

#include <atomic>
#include <cstdint>

#include "model/ids.h"
#include "sim/runtime/context.h"
#include "sim/runtime/reuse.h"

namespace csim {

inline constexpr uint32_t kMaxProcesses = 500;  // in one execution

inline constexpr uint32_t kMostSpares = 16;  // processes that wait to be used again

// A process of the kernel's. It may be many processes of the program, one after the other.
struct RealProcess {
  std::atomic<uint32_t> go{0};  // 1: has the baton
  int pid = 0;                  // 0: it is gone
  bool spare = false;           // what it was has ended, and it can become another
  bool becomes_copy = false;    // when it gets the baton: of what lies in `image`
  Likeness likeness;            // to the process that it is to become
  char* image = nullptr;  // memory of the arena, kept for the next time or for another process
  size_t image_capacity = 0;
};

// What the runtime knows of a process of the program beyond the machine's ProcessState.
struct ProcessBody {
  uint32_t real = 0;          // index of the RealProcess
  bool parent_waits = false;  // made by vfork, and has not executed a program yet
  bool released = false;      // it has ended, and has no descriptors any more
};
inline constexpr uint32_t kWorkersReal = 0;  // the worker's index
inline constexpr uint32_t kMaxReal = kMaxProcesses + kMostSpares + 1;

// Saves the running task in `from` and gives the baton to `process`, where the task that is current
// goes on. Returns when somebody of this process is resumed.
void SwitchProcess(Context& from, ProcessId process);
// The same without a way back. `ends`: this process is not needed any more, unless as a spare one.
[[noreturn]] void LeaveForProcess(ProcessId process, bool ends);

// The baton goes to the worker, without a way back.
[[noreturn]] void LeaveForWorker();
// Goes on in another process, if this is the worker: that is the main process from then on. To be called
// by the main process when it replaces its program.
void LeaveWorker();

// Makes the copy of this process for `child`, the main task of `process`, both known to the machine.
// Returns twice: true in the copy, once the child has been chosen for the first time. In the parent,
// false; *error is 0 or what went wrong.
bool ForkProcess(TaskId child, ProcessId process, int* error);

// What another process wants the worker to do in its own process, meanwhile holding the baton.
struct Errand {
  long (*function)(long argument) = nullptr;  // makes system calls only
  long argument = 0;
  long result = 0;
  ProcessId from = kMainProcess;
};
// function(argument), called in the worker; it is no scheduling point.
long RunInWorker(long (*function)(long), long argument);
int WorkerPid();

// The running process is about to end: whether the kernel's process can become another one then.
void OfferAsSpare();
// When the execution is over; by the worker: all other processes end but the spare ones.
void EndProcesses();
// By a new worker: what processes there were are another one's, and gone.
void ForgetRealProcesses();
// By the worker, before it ends itself: the spare ones end.
void DismissSpares();
// By the worker's watchdog: the holder of the baton is told that time passes; if it is gone, so is the
// worker.
void WatchProcesses(int signal);
// From another process: ends the worker, and so all.
void KillWorker();

// A slot of the race detector for `task`, which `creator` makes; kNoDetectorSlot if all are taken.
inline constexpr uint32_t kNoDetectorSlot = ~0u;
uint32_t TakeDetectorSlot(TaskId creator, TaskId task);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_PROCESSES_H_
