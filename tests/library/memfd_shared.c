/* A memory file inherited by fork, mapped by both: one piece of memory, on which they race.
 * csim: --strategy dpor
 * expect: bug data-race
 *
 * csim: --strategy dpor --outcomes -DWAIT
 * expect: clean
 * outcomes: "2\n"
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
static int* Map(int fd) { return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); }
int main(void) {
  const int fd = memfd_create("counter", MFD_CLOEXEC);
  assert(fd >= 0 && ftruncate(fd, 4096) == 0);
  const pid_t child = fork();
  if (child == 0) {
    ++*Map(fd);
    _exit(0);
  }
#ifdef WAIT
  waitpid(child, NULL, 0);
#endif
  int* counter = Map(fd);
  ++*counter;
#ifndef WAIT
  waitpid(child, NULL, 0);
#endif
  printf("%d\n", *counter);
  return 0;
}
