/* select may time out as long as nothing has come.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "timeout\n" "ready\n"
 * csim: --strategy dpor --outcomes --timeouts virtual
 * expect: clean
 * outcomes: "ready\n"
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>

static int ends[2];

static void* Write(void* unused) {
  assert(write(ends[1], "x", 1) == 1);
  return unused;
}

int main(void) {
  pthread_t writer;
  assert(pipe(ends) == 0);
  pthread_create(&writer, NULL, Write, NULL);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  struct timeval time = {1, 0};
  const int n = select(ends[0] + 1, &set, NULL, NULL, &time);
  assert(n == (FD_ISSET(ends[0], &set) ? 1 : 0));
  puts(n == 1 ? "ready" : "timeout");
  pthread_join(writer, NULL);
  return 0;
}
