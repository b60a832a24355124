#include "model/finding_kind.h"

namespace csim {

const char* NameOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kDataRace: return "data-race";
    case FindingKind::kDeadlock: return "deadlock";
    case FindingKind::kAssertion: return "assertion";
    case FindingKind::kCrash: return "crash";
    case FindingKind::kException: return "exception";
    case FindingKind::kMemory: return "memory";
    case FindingKind::kMisuse: return "misuse";
    case FindingKind::kLivelock: return "livelock";
    case FindingKind::kStarvation: return "starvation";
    case FindingKind::kLostWakeup: return "lost-wakeup";
    case FindingKind::kProperty: return "property";
    case FindingKind::kReached: return "reached";
    case FindingKind::kLinearizability: return "linearizability";
    case FindingKind::kAtomicity: return "atomicity";
    case FindingKind::kContract: return "contract";
    case FindingKind::kProcess: return "process";
    case FindingKind::kLimit: return "limit";
    case FindingKind::kUncontrolled: return "uncontrolled";
  }
  return "unknown";
}

FindingKind ReportedKind(std::string_view name) {
  for (const FindingKind kind :
       {FindingKind::kStarvation, FindingKind::kProperty, FindingKind::kReached,
        FindingKind::kLinearizability, FindingKind::kAtomicity, FindingKind::kContract}) {
    if (name == NameOf(kind)) return kind;
  }
  return FindingKind::kAssertion;
}

}  // namespace csim
