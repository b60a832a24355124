// The gate: every operation of every task passes here, and here it is decided who goes next.
//
// A task that reaches a scheduling point asks the strategy, in place. If the strategy chooses the
// task itself, no switch is made; otherwise the task's context is saved and the chosen one resumed.
// Each task performs the effect of its own operation after it was chosen.
#ifndef CSIM_SIM_RUNTIME_GATE_H_
#define CSIM_SIM_RUNTIME_GATE_H_

#include <cstdint>

#include "model/machine.h"
#include "model/operation.h"
#include "model/outcome.h"

namespace csim {

// Performs `operation` of the running task: waits until it is chosen and enabled, and gives the
// result. Site and stack are filled in if they are not given. Does not return if the execution ends.
OpResult Perform(Operation operation);

// As Perform; calls `argument(context)` right before the effect, when the task has been chosen, and
// takes its value as the operation's argument (a futex looks at its word then).
OpResult PerformLate(Operation operation, uint64_t (*argument)(void*), void* context);

// Tells what the running task's memory operation is about to find at `address` (between Perform and the
// access), and what it has left there. They read the whole 8-byte granule.
void NoteFound(const void* address);
void NoteLeft(const void* address);
// What its compare-exchange would find there, before Perform.
void NoteFaced(const void* address);

// Ends the running execution, from any task, and goes to the engine.
[[noreturn]] void EndExecution(Outcome outcome, int exit_code);

// First thing that a new task does: it was chosen, its pending kThreadStart has to be performed.
void BeginTask();
// The same for the main task of a forked process, which goes on where its parent was.
void BeginForkedTask(TaskId self);
// Last thing that a task does: its code has ended; goes on with somebody else.
[[noreturn]] void EndTask();
// The running task has ended already; goes on with somebody else. `process_ended`: with its process,
// which is needed no more.
[[noreturn]] void LeaveForNext(bool process_ended);

// Makes `task` the current one for the hooks. Called by whoever resumes a task.
void EnterTask(TaskId task);
// The current task's clock has moved: tells the inlined fast paths.
void RefreshEpoch();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_GATE_H_
