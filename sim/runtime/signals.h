// Faults, the watchdog for endless loops, and calls that csim cannot control.
#ifndef CSIM_SIM_RUNTIME_SIGNALS_H_
#define CSIM_SIM_RUNTIME_SIGNALS_H_

namespace csim {

// By which a timer makes the runtime look whether the program still gets on.
inline constexpr int kWatchdogSignal = 62;

// Installs the handlers of this process (inherited by fork). Called once, before main.
void InstallSignalHandlers();
// Starts the watchdog of this worker process; called on its main kernel thread.
void StartWatchdog();
// Traps the blocking system calls that reach the kernel past our entry points. Best effort: false
// where the system does not allow filters (the watchdog then names what blocks).
bool TrapBlockingCalls();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_SIGNALS_H_
