// How an execution can end, bugs, limits and divergence included.
#ifndef CSIM_MODEL_OUTCOME_H_
#define CSIM_MODEL_OUTCOME_H_

#include <cstdint>

namespace csim {

enum class Outcome : uint8_t {
  kCompleted,    // main returned, or somebody called exit
  kDeadlock,     // nobody can go on, and somebody has not finished
  kAssertion,    // a failed assert, reach_error()
  kCrash,        // a signal: SIGSEGV, SIGFPE, abort, ...
  kException,    // an exception that nobody caught
  kCutSteps,     // --max-steps reached
  kCutAssume,    // csim::assume(false)
  kRedundant,    // the strategy found that it would only repeat what was explored
  kVain,         // a task stands still after a round in vain (Spin::kVain), and so nobody can go on
  kEndlessLoop,  // no scheduling point for a long time while using the processor
  kMemoryLimit,  // the program asked for more memory than it may have
  kTaskLimit,    // more tasks than can be simulated
  kTimerLimit,   // a periodic timer would strike more often than is explored
  kUncontrolled,  // a call that csim cannot control (a blocking system call, fork, ...)
  kDiverged,      // a replay that could not follow its schedule
  kLost,          // the process was killed from outside (SIGKILL, out of memory)
  kLivelock,  // it has come back to the same state, and could do so for ever although nobody is passed over
};

// "completed", "deadlock", ... as in the JSON.
const char* NameOf(Outcome outcome);

}  // namespace csim

#endif  // CSIM_MODEL_OUTCOME_H_
