/* With --io-faults a signal that has a handler may come from outside while a call waits: who does not ask for EINTR is
 * found. A handler with SA_RESTART lets reads go on, but not poll.
 * csim: -DHANDLES --strategy dpor
 * expect: clean
 * csim: --io-faults --strategy dpor
 * expect: clean
 * csim: -DHANDLES --io-faults
 * expect: bug assertion
 * csim: -DHANDLES -DAGAIN --io-faults --strategy dpor
 * expect: clean
 * csim: -DHANDLES -DFLAGS=SA_RESTART --io-faults --strategy dpor
 * expect: clean
 * csim: -DHANDLES -DFLAGS=SA_RESTART -DPOLL --io-faults
 * expect: bug assertion
 * csim: -DHANDLES -DBLOCKED --io-faults --strategy dpor
 * expect: clean
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#ifndef FLAGS
#define FLAGS 0
#endif
static int ends[2];
static volatile sig_atomic_t handled;

static void Handle(int signal) { handled = signal; }

static void* Write(void* unused) {
  assert(write(ends[1], "x", 1) == 1);
  return unused;
}

int main(void) {
  pthread_t writer;
  char c;
  ssize_t n;
#ifdef HANDLES
  struct sigaction action = {.sa_handler = Handle, .sa_flags = FLAGS};
  sigaction(SIGWINCH, &action, NULL);
#endif
#ifdef BLOCKED
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
#endif
  assert(pipe(ends) == 0);
  pthread_create(&writer, NULL, Write, NULL);
#ifdef POLL
  struct pollfd item = {ends[0], POLLIN, 0};
  assert(poll(&item, 1, -1) == 1);
#endif
#ifdef AGAIN
  do {
    n = read(ends[0], &c, 1);
    if (n < 0) assert(errno == EINTR && handled == SIGWINCH);
  } while (n < 0);
#else
  n = read(ends[0], &c, 1);
#endif
  assert(n == 1);
  pthread_join(writer, NULL);
  return 0;
}
