/* Two threads over a pipe. The first read has to wait for the write, the second one for the close; only
 * the first read and the close can come in either order: 2 executions.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "ping 3\n"
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static int ends[2];
static void* Send(void* unused) {
  assert(write(ends[1], "ping", 4) == 4);
  close(ends[1]);
  return unused;
}
int main(void) {
  pthread_t sender;
  char text[16];
  assert(pipe(ends) == 0);
  pthread_create(&sender, NULL, Send, NULL);
  ssize_t n = read(ends[0], text, sizeof text);
  assert(n == 4);
  assert(read(ends[0], text, sizeof text) == 0);
  pthread_join(sender, NULL);
  close(ends[0]);
  printf("%.*s %d\n", (int)n, text, ends[0]);
  return 0;
}
