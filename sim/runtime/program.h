// The program's life: start of main, exit and its handlers, thread-local destructors.
#ifndef CSIM_SIM_RUNTIME_PROGRAM_H_
#define CSIM_SIM_RUNTIME_PROGRAM_H_

#include "sim/runtime/memory_image.h"

namespace csim {

// Body of task main: calls the program's main and then exits.
void RunMain(void* unused);
// exit(): destructors of the task's thread-locals, handlers, end of the execution.
[[noreturn]] void ExitProgram(int code);
// _exit(): the end at once.
[[noreturn]] void ExitNow(int code);
// The running task ends: robust mutexes that it still holds go to whoever comes next.
void AbandonRobustMutexes();
// The running task's process ends, others are or were there; `status`: as waitpid tells it.
[[noreturn]] void EndProcess(int status);
// Runs the destructors of the running task's thread-locals, the latest first.
void RunThreadLocalDestructors();

// Remembers handlers and thread-specific keys as they are now; later restarts go back to that.
void SaveProgramState();
void RestoreProgramState();

// The handlers of exit, for a process that becomes a copy of this one (reuse.h).
void WriteExitHandlers(ImageWriter& image);

// Thread-specific data (interpose/specific.cc).
void RunSpecificDestructors();
void SaveSpecific();
void RestoreSpecific();

// pthread_atfork (interpose/process.cc).
void SaveForkHandlers();
void RestoreForkHandlers();

// sem_open (interpose/memory_objects.cc): this process has none of them open.
void ForgetOpenSemaphores();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_PROGRAM_H_
