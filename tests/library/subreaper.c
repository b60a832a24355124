/* The child of a child that ends becomes the child of the nearest ancestor that has asked for that, which learns of
 * its end and can wait for it. With -DORPHAN nobody has asked.
 * csim: --strategy dpor --outcomes --strict-processes
 * expect: clean
 * outcomes: "its own parent\n" "reaper\n"
 *
 * csim: --outcomes --strict-processes --switch kernel
 * expect: clean
 * outcomes: "its own parent\n" "reaper\n"
 *
 * csim: --strict-processes -DORPHAN
 * expect: bug process
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int is = -1;
#ifndef ORPHAN
  assert(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
#endif
  assert(prctl(PR_GET_CHILD_SUBREAPER, &is) == 0);
  const pid_t reaper = getpid(), middle = fork();
  if (middle == 0) {
    assert(prctl(PR_GET_CHILD_SUBREAPER, &is) == 0 && is == 0);
    const pid_t parent = getpid();
    if (fork() != 0) _exit(1);
    const pid_t now = getppid();
#ifndef ORPHAN
    assert(now == parent || now == reaper);
#endif
    dprintf(STDOUT_FILENO, "%s\n", now == parent ? "its own parent" : "reaper");
    _exit(2);
  }
  int status;
  assert(waitpid(middle, &status, 0) == middle && WEXITSTATUS(status) == 1);
#ifndef ORPHAN
  assert(is == 1);
  const pid_t adopted = wait(&status);
  assert(adopted > 0 && adopted != middle && WEXITSTATUS(status) == 2);
#endif
  assert(wait(&status) == -1 && errno == ECHILD);
  return 0;
}
