// The real processes of an execution, and the baton between them: exactly one runs at a time.
//
// The worker is process 0, until that executes another program (LeaveWorker). A forked process is a copy of the one that forked it, made by a raw clone;
// it is the worker's child whoever forked it, so that the worker can reap all and none outlives it. A
// process that does not have the baton waits in a futex call on a word of the shared mapping. When the
// execution is over the worker kills all others: what a signal or an exit does to a process is the
// machine's business (model/machine_processes.cc), and needs no kernel.
//
// All functions: called by the holder of the baton.
#ifndef CSIM_SIM_RUNTIME_PROCESSES_H_
#define CSIM_SIM_RUNTIME_PROCESSES_H_

#include <atomic>
#include <cstdint>

#include "model/ids.h"
#include "sim/runtime/context.h"

namespace csim {

inline constexpr uint32_t kMaxProcesses = 500;  // in one execution

struct RealProcess {
  std::atomic<uint32_t> go{0};  // 1: has the baton
  int pid = 0;                  // 0: it is gone
  bool parent_waits = false;    // made by vfork, and has not executed a program yet
  bool released = false;        // it has ended, and has no descriptors any more
};

// Saves the running task in `from` and gives the baton to `process`, where the task that is current
// goes on. Returns when somebody of this process is resumed.
void SwitchProcess(Context& from, ProcessId process);
// The same without a way back. `ends`: this process is not needed any more.
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

// When the execution is over; by the worker: all other processes end.
void EndProcesses();
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
