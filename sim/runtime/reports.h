// Turns what the detectors and the machine see into findings of the running execution.
#ifndef CSIM_SIM_RUNTIME_REPORTS_H_
#define CSIM_SIM_RUNTIME_REPORTS_H_

#include <cstdint>

#include "checker/race_detector.h"
#include "model/finding_kind.h"
#include "model/ids.h"
#include "model/operation.h"
#include "model/outcome.h"

namespace csim {

// Told of every race by the detector.
class RaceReporter : public RaceSink {
 public:
  void OnRace(const Race& race) override;
};

// Nobody can go on: who waits for what, and who holds it.
void ReportDeadlock();
// `task` cannot go on now: if it is part of a cycle of locks, that is a deadlock although others run.
void CheckLockCycle(TaskId task);
// When the execution has ended: the cycle that was seen in it, if the rest of the program went on.
void ReportPartialDeadlock();
// When the execution has ended: zombies, orphans, and locks that ended processes hold.
void ReportProcesses();
// The misuse that the machine has just seen.
void ReportMisuse();
void ReportMisuseText(const char* text, uint64_t extra);

// Something that later executions inherit from this one: named, and the execution goes on.
void NoteLimit(const char* text);

// The running task's operation has been performed: if it took a lock that it had asked for, how often it
// can have been passed.
void ReportPassing(const OpResult& result);

// These end the execution.
[[noreturn]] void ReportAssertion(const char* expression, const char* values);
// What the program says of itself (csim_failed). `detail` may have several lines.
[[noreturn]] void ReportFailed(FindingKind kind, const char* text, const char* detail);
// A declared locking rule is broken; `holder` (may be kNoTask) has had the lock since `held_at`.
[[noreturn]] void ReportContract(const char* text, TaskId holder, SiteId held_at);
// The access that the running task makes there closes a cycle of transactions (checker/serializability.h).
[[noreturn]] void ReportAtomicity(SiteId site, StackId stack);
[[noreturn]] void ReportCrash(int signal, uintptr_t address, uintptr_t pc, const char* text);
[[noreturn]] void ReportException(const char* type, const char* what);
// A limit of the simulation that ended the execution: named, but not a bug.
[[noreturn]] void ReportLimit(Outcome outcome, const char* text);
// Something csim cannot control: the exploration ends.
[[noreturn]] void ReportUncontrolled(const char* call);

// A memory error at `address`. `what`: "use after free", ...
void ReportMemory(const char* what, uintptr_t address, uint32_t size, bool is_write, SiteId site);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_REPORTS_H_
