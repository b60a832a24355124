/* posix_spawn with file actions and attributes; vfork and exec: the parent goes on when the child has
 * executed its program.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "read: spawned; 3 4\n"
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char** environ;
int main(int argc, char** argv) {
  if (argc == 2) return atoi(argv[1]);
  if (argc == 3) {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    assert(sigismember(&mask, SIGUSR1) == 1 && getpgrp() == getpid());
    printf("spawned");
    return 3;
  }
  int ends[2];
  assert(pipe(ends) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  char* arguments[] = {argv[0], "1", "2", NULL};
  pid_t child = 0;
  assert(posix_spawn(&child, "/nowhere", &actions, &attributes, arguments, environ) == ENOENT);
  assert(posix_spawnp(&child, argv[0], &actions, &attributes, arguments, environ) == 0);
  close(ends[1]);
  char text[32];
  size_t size = 0;
  for (ssize_t n; (n = read(ends[0], text + size, sizeof text - size)) > 0;) size += (size_t)n;
  int status[2];
  assert(waitpid(child, &status[0], 0) == child && WIFEXITED(status[0]));
  child = vfork();
  if (child == 0) {
    execl("/proc/self/exe", argv[0], "4", NULL);
    _exit(9);
  }
  assert(waitpid(child, &status[1], 0) == child && WIFEXITED(status[1]));
  printf("read: %.*s; %d %d\n", (int)size, text, WEXITSTATUS(status[0]), WEXITSTATUS(status[1]));
  return 0;
}
