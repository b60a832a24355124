// The loop over executions, inside the worker process, and the schedule of the running execution.
#ifndef CSIM_SIM_RUNTIME_ENGINE_H_
#define CSIM_SIM_RUNTIME_ENGINE_H_

#include "scheduler/strategy.h"
#include "sim/mapping/mapping.h"

namespace csim {

// Exit codes of a worker, for the zygote.
inline constexpr int kWorkerDone = 0;     // csim wants nothing more
inline constexpr int kWorkerFresh = 77;   // go on in a fresh process
inline constexpr int kWorkerFailed = 78;  // Control::failure says why

// Runs executions, part after part, until this process has to be replaced. `argument` unused; runs on
// the engine's stack.
[[noreturn]] void RunEngine(void* argument);

// Appends to the schedule of the running execution.
void RecordChoice(const Choice& choice);

// Gives the finding a schedule of the same trace as the running execution's, in which its request is passed
// as often as it says. False if there is none to be had.
bool KeepScheduleInOrder(FindingRecord* record);

// Ends the exploration as failed: csim shows `why`.
[[noreturn]] void FailExploration(const char* why);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_ENGINE_H_
