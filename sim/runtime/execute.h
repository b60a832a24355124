// Executing another program: the running task's process goes on in a new image, as the same process of the
// same execution.
//
// The image finds csim's mapping by the same environment variable as the zygote, with more in it: which
// process it is, and what else it has to share. Its runtime has to lie at the same address as everybody's,
// since pointers to code lie in the mapping; without address space randomisation it does.
#ifndef CSIM_SIM_RUNTIME_EXECUTE_H_
#define CSIM_SIM_RUNTIME_EXECUTE_H_

#include <cstdint>

#include "model/ids.h"

namespace csim {

struct Shared;

// What CSIM_MAPPING says: "FD:ADDRESS:SIZE:BELL" to a zygote, and ":PROCESS:SPACE:SHADOW:SHARED:PROGRAM" to a
// program that was executed.
struct Inherited {
  int fd = -1;
  uintptr_t address = 0;
  uint64_t size = 0;
  int bell_fd = -1;
  bool executed = false;
  ProcessId process = kMainProcess;
  uint32_t space = 0;
  int shadow_fd = -1;
  Shared* shared = nullptr;
  uint32_t program = 0;  // as Runtime::program
};
Inherited ReadInherited(const char* text);

// Which program csim explores. To be called before any is executed.
void RememberMainProgram(Shared& shared);

// 0 if the file can be executed by csim, else the errno with which execve fails: ENOENT, EACCES, ...
// Ends the exploration if it can be executed, but not by csim.
int CheckProgram(const char* path);

// Replaces the program of the running task's process by the one at `path`. REQUIRES: CheckProgram is 0.
[[noreturn]] void ExecuteProgram(const char* path, char* const* argv, char* const* envp);

// In the new image, once the mapping is there: goes on as the process it is.
[[noreturn]] void BeginExecuted(const Inherited& inherited, char* stack_base);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_EXECUTE_H_
