// End of file comes when the last write end is closed, and fork makes one more of them: the child that
// reads has inherited the write end too. If it does not close it, it waits for an end of file that it
// holds back itself, and the parent waits for the child. With -DFIXED the child closes it first.
//
// expect: bug deadlock
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "5 bytes, then end of file\n"
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>

int main() {
  int ends[2];
  const int result = pipe(ends);
  assert(result == 0);
  const pid_t child = fork();
  if (child == 0) {
#ifdef FIXED
    close(ends[1]);
#endif
    char buffer[16];
    int got = 0;
    for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
      got += static_cast<int>(count);
    }
    dprintf(STDOUT_FILENO, "%d bytes, then end of file\n", got);
    _exit(0);
  }
  close(ends[0]);
  const ssize_t written = write(ends[1], "hello", 5);
  assert(written == 5);
  close(ends[1]);
  waitpid(child, nullptr, 0);
}
