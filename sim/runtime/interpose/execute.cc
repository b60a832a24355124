// Executing programs: exec and its relatives, posix_spawn. Those that csim did not build, and shell
// commands, are named instead of being let loose.
#include "sim/runtime/execute.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

using namespace csim;

namespace {

// Whether the name is that by which the program that is explored was started, which need not be its file's.
bool IsOwnName(const char* path) { return strcmp(path, g_runtime.shared->program_name) == 0; }

// Does not return unless it fails.
int Execute(const char* path, char* const* argv, char* const* envp) {
  if (path == nullptr || *path == 0) return Answer<int>(-ENOENT);
  if (IsOwnName(path)) path = g_runtime.shared->program_path;
  if (const int error = CheckProgram(path); error != 0) return Answer<int>(-error);
  ExecuteProgram(path, argv, envp);
}

// The file that `name` means, in `path`: as the shell looks for it. 0 or an errno value.
int FindProgram(const char* name, char* path, size_t size) {
  const char* list = getenv("PATH");
  if (strchr(name, '/') != nullptr || IsOwnName(name)) {
    snprintf(path, size, "%s", IsOwnName(name) ? g_runtime.shared->program_path : name);
    return CheckProgram(path);
  }
  if (*name == 0) return ENOENT;
  if (list == nullptr) list = "/bin:/usr/bin";
  int found = ENOENT;
  for (;;) {
    const char* const end = strchrnul(list, ':');
    const auto length = static_cast<int>(end - list);
    snprintf(path, size, "%.*s%s%s", length, list, length == 0 ? "" : "/", name);
    const int error = CheckProgram(path);
    if (error == 0) return 0;
    if (error == EACCES) found = EACCES;
    if (*end == 0) return found;
    list = end + 1;
  }
}

int ExecuteFound(const char* name, char* const* argv, char* const* envp) {
  char path[4096];
  if (const int error = FindProgram(name, path, sizeof path); error != 0) {
    return Answer<int>(-error);
  }
  ExecuteProgram(path, argv, envp);
}

// Calls execute(argv, rest) with the arguments of execl and relatives: `first` and those of the list up to a null;
// `rest` is what comes after it.
template <typename Execute>
int WithArguments(const char* first, va_list list, Execute execute) {
  va_list counted;
  va_copy(counted, list);
  size_t count = 2;  // the first one, and the null
  while (va_arg(counted, char*) != nullptr) ++count;
  va_end(counted);
  auto** argv = static_cast<char**>(alloca(count * sizeof(char*)));
  argv[0] = const_cast<char*>(first);
  for (char** next = argv; *next != nullptr;) *++next = va_arg(list, char*);
  return execute(argv, list);
}

}  // namespace

CSIM_INTERPOSE int execve(const char* path, char* const argv[], char* const envp[]) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(execve)(path, argv, envp);
  return Execute(path, argv, envp);
}

CSIM_INTERPOSE int execv(const char* path, char* const argv[]) noexcept {
  return execve(path, argv, environ);
}

CSIM_INTERPOSE int execvpe(const char* name, char* const argv[], char* const envp[]) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(execvpe)(name, argv, envp);
  return ExecuteFound(name, argv, envp);
}

CSIM_INTERPOSE int execvp(const char* name, char* const argv[]) noexcept {
  return execvpe(name, argv, environ);
}

CSIM_INTERPOSE int fexecve(int fd, char* const argv[], char* const envp[]) noexcept {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return execve(path, argv, envp);
}

CSIM_INTERPOSE int execl(const char* path, const char* first, ...) noexcept {
  va_list list;
  va_start(list, first);
  const int result =
      WithArguments(first, list, [&](char** argv, va_list) { return execve(path, argv, environ); });
  va_end(list);
  return result;
}

CSIM_INTERPOSE int execlp(const char* name, const char* first, ...) noexcept {
  va_list list;
  va_start(list, first);
  const int result = WithArguments(
      first, list, [&](char** argv, va_list) { return execvpe(name, argv, environ); });
  va_end(list);
  return result;
}

CSIM_INTERPOSE int execle(const char* path, const char* first, ...) noexcept {
  va_list list;
  va_start(list, first);
  const int result = WithArguments(first, list, [&](char** argv, va_list rest) {
    return execve(path, argv, va_arg(rest, char* const*));
  });
  va_end(list);
  return result;
}

// ---- posix_spawn ----

namespace {

// glibc's file actions (posix/spawn_int.h).
struct SpawnAction {
  enum Tag : int { kClose, kDup2, kOpen, kChdir, kFchdir, kCloseFrom, kTcSetPgrp } tag;
  union {
    int fd;  // kClose, kFchdir, kCloseFrom
    struct {
      int from;
      int to;
    } dup2;
    struct {
      int fd;
      char* path;
      int flags;
      mode_t mode;
    } open;
    char* path;  // kChdir
  };
};

bool DoAction(const SpawnAction& action) {
  switch (action.tag) {
    case SpawnAction::kClose: close(action.fd); return true;
    case SpawnAction::kDup2:
      if (action.dup2.from == action.dup2.to) return fcntl(action.dup2.to, F_SETFD, 0) == 0;
      return dup2(action.dup2.from, action.dup2.to) >= 0;
    case SpawnAction::kOpen: {
      const int fd = open(action.open.path, action.open.flags, action.open.mode);
      if (fd < 0 || fd == action.open.fd) return fd >= 0;
      const bool done = dup2(fd, action.open.fd) >= 0;
      close(fd);
      return done;
    }
    case SpawnAction::kChdir: return chdir(action.path) == 0;
    case SpawnAction::kFchdir: return fchdir(action.fd) == 0;
    case SpawnAction::kCloseFrom: closefrom(action.fd); return true;
    default: ReportUncontrolled("posix_spawn (with tcsetpgrp)");
  }
}

bool Prepare(const posix_spawn_file_actions_t* actions, const posix_spawnattr_t* attributes) {
  if (attributes != nullptr) {
    short flags = 0;
    posix_spawnattr_getflags(attributes, &flags);
    sigset_t set;
    if ((flags & POSIX_SPAWN_SETSIGDEF) != 0) {
      posix_spawnattr_getsigdefault(attributes, &set);
      for (int s = 1; s < NSIG; ++s) {
        if (sigismember(&set, s) == 1) signal(s, SIG_DFL);
      }
    }
    if ((flags & POSIX_SPAWN_SETSIGMASK) != 0) {
      posix_spawnattr_getsigmask(attributes, &set);
      sigprocmask(SIG_SETMASK, &set, nullptr);
    }
    if ((flags & POSIX_SPAWN_SETSID) != 0) setsid();
    if ((flags & POSIX_SPAWN_SETPGROUP) != 0) {
      pid_t group = 0;
      posix_spawnattr_getpgroup(attributes, &group);
      if (setpgid(0, group) != 0) return false;
    }
  }
  if (actions == nullptr) return true;
  const auto* list = reinterpret_cast<const SpawnAction*>(actions->__actions);
  for (int i = 0; i < actions->__used; ++i) {
    if (!DoAction(list[i])) return false;
  }
  return true;
}

// The parent goes on at once: that there is such a program is known before, and an action that fails shows
// as the child's exit code 127, as it may in older systems.
int Spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
          const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  const pid_t child = _Fork();
  if (child < 0) return errno;
  if (child > 0) {
    if (pid != nullptr) *pid = child;
    return 0;
  }
  if (Prepare(actions, attributes)) ExecuteProgram(path, argv, envp);
  _exit(127);
}

}  // namespace

CSIM_INTERPOSE int posix_spawn(pid_t* pid, const char* path,
                               const posix_spawn_file_actions_t* actions,
                               const posix_spawnattr_t* attributes, char* const argv[],
                               char* const envp[]) {
  if (!g_runtime.Active()) {
    return CSIM_REAL(posix_spawn)(pid, path, actions, attributes, argv, envp);
  }
  if (IsOwnName(path)) path = g_runtime.shared->program_path;
  if (const int error = CheckProgram(path); error != 0) return error;
  return Spawn(pid, path, actions, attributes, argv, envp);
}

CSIM_INTERPOSE int posix_spawnp(pid_t* pid, const char* name,
                                const posix_spawn_file_actions_t* actions,
                                const posix_spawnattr_t* attributes, char* const argv[],
                                char* const envp[]) {
  if (!g_runtime.Active()) {
    return CSIM_REAL(posix_spawnp)(pid, name, actions, attributes, argv, envp);
  }
  char path[4096];
  if (const int error = FindProgram(name, path, sizeof path); error != 0) return error;
  return Spawn(pid, path, actions, attributes, argv, envp);
}

// ---- Shell commands ----

namespace {

[[noreturn]] void ReportCommand(const char* call, const char* command) {
  char text[400];
  snprintf(text, sizeof text, "%s(\"%.300s\"), a shell command", call, command);
  ReportUncontrolled(text);
}

}  // namespace

CSIM_INTERPOSE int system(const char* command) {
  if (!g_runtime.Active()) return CSIM_REAL(system)(command);
  if (command == nullptr) return 1;  // there is a shell
  ReportCommand("system", command);
}

CSIM_INTERPOSE FILE* popen(const char* command, const char* mode) {
  if (!g_runtime.Active()) return CSIM_REAL(popen)(command, mode);
  ReportCommand("popen", command);
}

CSIM_INTERPOSE int daemon(int stay, int keep_streams) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(daemon)(stay, keep_streams);
  const pid_t child = fork();
  if (child < 0) return -1;
  if (child > 0) _exit(0);
  if (setsid() < 0) return -1;
  if (stay == 0 && chdir("/") != 0) return -1;
  if (keep_streams != 0) return 0;
  const int null = open("/dev/null", O_RDWR);
  if (null < 0) return -1;
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  if (null > 2) close(null);
  return 0;
}
