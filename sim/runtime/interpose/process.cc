// Processes: what would make a second one, or replace this one, is not simulated; it is named instead
// of being let loose.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

using namespace csim;

CSIM_INTERPOSE pid_t fork() noexcept {
  if (g_runtime.Active()) ReportUncontrolled("fork");
  return CSIM_REAL(fork)();
}

CSIM_INTERPOSE int system(const char* command) {
  if (g_runtime.Active()) ReportUncontrolled("system");
  return CSIM_REAL(system)(command);
}

CSIM_INTERPOSE FILE* popen(const char* command, const char* mode) {
  if (g_runtime.Active()) ReportUncontrolled("popen");
  return CSIM_REAL(popen)(command, mode);
}

CSIM_INTERPOSE int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* f,
                               const posix_spawnattr_t* a, char* const argv[], char* const envp[]) {
  if (g_runtime.Active()) ReportUncontrolled("posix_spawn");
  return CSIM_REAL(posix_spawn)(pid, path, f, a, argv, envp);
}

CSIM_INTERPOSE int execve(const char* path, char* const argv[], char* const envp[]) noexcept {
  if (g_runtime.Active()) ReportUncontrolled("execve");
  return CSIM_REAL(execve)(path, argv, envp);
}
