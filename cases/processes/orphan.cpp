// A parent that ends before its child leaves an orphan: the child runs on under another parent, nobody
// waits for it, and whoever started the program believes that it is over. With -DFIXED the parent waits.
//
// csim: --outcomes --strict-processes
// expect: bug process
// outcomes: "child: my parent is there\n" "child: my parent is gone\n"
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "child: my parent is there\n"
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    dprintf(STDOUT_FILENO, "child: my parent is %s\n", getppid() == parent ? "there" : "gone");
    _exit(0);
  }
#ifdef FIXED
  waitpid(child, nullptr, 0);
#endif
}
