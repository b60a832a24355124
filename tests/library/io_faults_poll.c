/* A poll with a timeout in a program with a handler that signals from outside may run: what it finds is what is there when it
 * ends, whatever comes in between that and the decision whether a signal has ended it.
 * csim: --strategy dpor --io-faults --outcomes
 * expect: clean
 * outcomes: "-1\n" "0\n" "1\n"
 */
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static int ends[2];
static void Handle(int signal) { (void)signal; }
static void* Write(void* unused) {
  assert(write(ends[1], "x", 1) == 1);
  return unused;
}
int main(void) {
  pthread_t writer;
  struct sigaction action = {.sa_handler = Handle};
  sigaction(SIGWINCH, &action, NULL);
  assert(pipe(ends) == 0);
  pthread_create(&writer, NULL, Write, NULL);
  struct pollfd item = {ends[0], POLLIN, 0};
  printf("%d\n", poll(&item, 1, 10));
  pthread_join(writer, NULL);
}
