// Signals as the program knows them: which handlers it has, and running them.
//
// Who has which signals waiting is part of the machine's state (model/machine_processes.cc). A handler
// runs at a scheduling point of its task, before the operation that stands there. Those of the kernel
// are ours (signals.h); nothing of this needs the kernel.
#ifndef CSIM_SIM_RUNTIME_DELIVERY_H_
#define CSIM_SIM_RUNTIME_DELIVERY_H_

#include <signal.h>

#include "model/machine.h"
#include "model/operation.h"

namespace csim {

inline constexpr int kSignals = 65;

// What the running task's process does about a signal; fork copies it with everything else.
const struct sigaction& ActionOf(int signal);
// Remembers it (for later restarts, and takes that back).
void SaveActions();
void RestoreActions();
// What it does about a signal has been so before.
void AdoptAction(int signal, const struct sigaction& action);
// Changes it; a scheduling point.
void SetAction(int signal, const struct sigaction& action);

// The running task's mask; a scheduling point.
void SetBlocked(SignalSet blocked);
// Another mask for the time of a wait, as sigsuspend and ppoll have it; gives the mask until now. Handlers of what
// was blocked may run before this returns.
SignalSet BeginSuspension(SignalSet mask);
// Whether no handler has run since.
bool IsSuspended();
// Handles what else the mask lets in, and sets the one from before.
void EndSuspension(SignalSet before);
// The place of a process (itself or a child): its group and session. A scheduling point.
void SetPlace(ProcessId process, uint32_t group, uint32_t session);

// Whether its process takes care of orphans. A scheduling point.
void SetReaper(bool reaper);

// Runs the handler of a signal that the machine has just taken for the running task (OpResult with
// `interrupted`), with what else its action says is to be blocked. `from`: the sender's pid.
void RunHandler(int signal);
// With --io-faults: the signals that may come from outside while the running task waits in an operation of this
// kind, and interrupt it: it does not block them, and has a handler that does not let the call go on (of which it
// knows, so that others who install one at the same time change nothing). None right after one has come.
SignalSet SignalsFromOutside(OpKind kind);
// This one has come. False if there is no handler any more.
bool HandleFromOutside(int signal);
// Whether an operation that was waiting gives up with EINTR after the handler of `signal`.
bool GivesUpAfter(OpKind kind, int signal);

// Sends as `order` says; a scheduling point. The processes that it ends lose their descriptors. 0 or an
// errno value. If it ends the running task's process, or stops it, that happens here. `value` and `code`: as
// siginfo_t has them.
int SendSignal(const SignalOrder& order, int value, int code = SI_USER);
// The signal that the running task sends itself, or that is raised by what it does (abort). Returns when
// the handler has run; if there is none, as the default action says.
void RaiseSignal(int signal);

// After an operation that may have brought signals: processes that it ended lose their descriptors; the
// running task goes no further if its own is among them, and handles what came for it.
void AfterSignals();

// In a handler: this function must not be called there. Reports it.
void CheckAsyncSafe(const char* function);

inline SignalSet ToSet(const sigset_t& set) { return static_cast<SignalSet>(set.__val[0]); }
inline sigset_t ToSigset(SignalSet set) {
  sigset_t result{};
  result.__val[0] = set;
  return result;
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DELIVERY_H_
