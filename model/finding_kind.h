// The kinds of findings (DESIGN.md section 6).
#ifndef CSIM_MODEL_FINDING_KIND_H_
#define CSIM_MODEL_FINDING_KIND_H_

#include <cstdint>
#include <string_view>

namespace csim {

enum class FindingKind : uint8_t {
  kDataRace,
  kDeadlock,
  kAssertion,
  kCrash,
  kException,
  kMemory,
  kMisuse,
  kLivelock,
  kStarvation,  // a task is passed by others without bound
  kLostWakeup,  // a deadlock of a waiter whose notify came too early
  kProperty,    // a property that a specification states does not hold (include/csim/lock_spec.h)
  kReached,     // what a property waits for has happened: no bug
  kLinearizability,  // a history that no sequential order explains
  kAtomicity,        // a region that others can see the middle of
  kContract,         // a declared locking rule (guarded_by, requires_capability, ...) is broken
  kProcess,          // zombies, orphans, locks that the dead hold: information, unless asked for
  kLimit,            // a named limit of the simulation that ended an execution: not a bug by itself
  kUncontrolled,     // csim could not control the program
};

// "data-race", "deadlock", ... as in the JSON.
const char* NameOf(FindingKind kind);
// The kind of that name, if it is one that a program may report itself (sim/abi: csim_failed); else
// kAssertion.
FindingKind ReportedKind(std::string_view name);

}  // namespace csim

#endif  // CSIM_MODEL_FINDING_KIND_H_
