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
    case FindingKind::kProcess: return "process";
    case FindingKind::kLimit: return "limit";
    case FindingKind::kUncontrolled: return "uncontrolled";
  }
  return "unknown";
}

}  // namespace csim
