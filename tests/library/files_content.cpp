// Two processes read a number from a file, add one, and write it back: one of them may be lost.
//
// csim: --strategy dpor --outcomes
// expect: clean
// outcomes: "1" "2"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>
#include <cstdlib>

int main() {
  char path[] = "/tmp/csim_case_XXXXXX";
  const int fd = mkstemp(path);
  assert(fd >= 0 && write(fd, "0", 1) == 1);
  const pid_t child = fork();
  char digit = 0;
  assert(pread(fd, &digit, 1, 0) == 1);
  ++digit;
  assert(pwrite(fd, &digit, 1, 0) == 1);
  if (child == 0) _exit(0);
  wait(nullptr);
  assert(pread(fd, &digit, 1, 0) == 1);
  std::printf("%c", digit);
}
