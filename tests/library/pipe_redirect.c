/* What is written to descriptor 1 goes where that leads: into a pipe, and back to the output.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "before\nin the pipe: by printf and by write\nafter\n"
 */
#define _GNU_SOURCE
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  struct stat status;
  char text[64] = "";
  printf("before\n");
  assert(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
  assert(ends[0] == 3 && ends[1] == 4);
  assert((fcntl(ends[0], F_GETFD) & FD_CLOEXEC) != 0);
  assert(fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode));
  const int saved = dup(1);
  assert(saved == 5);
  assert(dup2(ends[1], 1) == 1);
  close(ends[1]);
  printf("by %s", "printf");
  struct iovec parts[2] = {{" and ", 5}, {"by write", 8}};
  assert(writev(1, parts, 2) == 13);
  assert(dup2(saved, 1) == 1); /* closes the last writing end */
  close(saved);
  char* at = text;
  for (ssize_t n; (n = read(ends[0], at, 7)) != 0; at += n) assert(n > 0);
  assert(read(ends[1], text, 1) == -1);
  printf("in the pipe: %s\n", text);
  const int copy = fcntl(ends[0], F_DUPFD, 9);
  assert(copy == 9);
  close(ends[0]);
  assert(dup(copy) == 3);
  puts("after");
  return 0;
}
