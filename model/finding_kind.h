// The kinds of findings (DESIGN.md section 6).
#ifndef CSIM_MODEL_FINDING_KIND_H_
#define CSIM_MODEL_FINDING_KIND_H_

#include <cstdint>

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
  kProcess,       // zombies, orphans, locks that the dead hold: information, unless asked for
  kLimit,         // a named limit of the simulation that ended an execution: not a bug by itself
  kUncontrolled,  // csim could not control the program
};

// "data-race", "deadlock", ... as in the JSON.
const char* NameOf(FindingKind kind);

}  // namespace csim

#endif  // CSIM_MODEL_FINDING_KIND_H_
