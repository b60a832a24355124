#include "model/outcome.h"

namespace csim {

const char* NameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCompleted: return "completed";
    case Outcome::kDeadlock: return "deadlock";
    case Outcome::kAssertion: return "assertion";
    case Outcome::kCrash: return "crash";
    case Outcome::kException: return "exception";
    case Outcome::kCutSteps: return "cut-steps";
    case Outcome::kCutAssume: return "cut-assume";
    case Outcome::kRedundant: return "redundant";
    case Outcome::kVain: return "vain";
    case Outcome::kEndlessLoop: return "endless-loop";
    case Outcome::kMemoryLimit: return "memory-limit";
    case Outcome::kTaskLimit: return "task-limit";
    case Outcome::kTimerLimit: return "timer-limit";
    case Outcome::kUncontrolled: return "uncontrolled";
    case Outcome::kDiverged: return "diverged";
    case Outcome::kLost: return "lost";
    case Outcome::kLivelock: return "livelock";
  }
  return "unknown";
}

}  // namespace csim
