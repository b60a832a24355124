// A child that has ended stays in the process table until its parent asks how: a zombie. Here the
// parent knows that the child has ended, since the pipe between them is closed, and never asks. The
// zombie holds its number until the parent ends too; a server that does this runs out of numbers.
// With -DFIXED the parent waits for the child, and with -DIGNORED it has told the system before that it
// does not want to know.
//
// csim: --strict-processes
// expect: bug process
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "child ended\n"
//
// csim: --outcomes -DIGNORED
// expect: clean
// outcomes: "child ended\n"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>

int main() {
#ifdef IGNORED
  signal(SIGCHLD, SIG_IGN);
#endif
  int lifeline[2];
  const int result = pipe(lifeline);
  assert(result == 0);

  const pid_t child = fork();
  if (child == 0) _exit(0);
  close(lifeline[1]);
  char nothing;
  const ssize_t count = read(lifeline[0], &nothing, 1);  // end of file: the child has ended
  assert(count == 0);
#ifdef FIXED
  waitpid(child, nullptr, 0);
#endif
  dprintf(STDOUT_FILENO, "child ended\n");
}
