/* Writing where nobody can read any more kills the process, if the reader was faster.
 * expect: bug crash
 * csim: -DIGNORE --strategy dpor --outcomes
 * expect: clean
 * outcomes: "written\n" "broken\n"
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int ends[2];

static void* Close(void* unused) {
  close(ends[0]);
  return unused;
}

int main(void) {
  pthread_t closer;
#ifdef IGNORE
  signal(SIGPIPE, SIG_IGN);
#endif
  if (pipe(ends) != 0) return 1;
  pthread_create(&closer, NULL, Close, NULL);
  const ssize_t n = write(ends[1], "x", 1);
  puts(n == 1 ? "written" : errno == EPIPE ? "broken" : "?");
  pthread_join(closer, NULL);
  return 0;
}
