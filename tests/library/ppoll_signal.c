/* A signal that is let in only while the program waits ends the wait, whenever it comes. With -DLOST it is let in
 * just before: when it comes then, the wait goes on for ever.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "data first\n" "signal first\n"
 *
 * csim: --strategy dpor --outcomes -DPSELECT
 * expect: clean
 * outcomes: "data first\n" "signal first\n"
 *
 * csim: --strategy dpor --outcomes -DEPOLL
 * expect: clean
 * outcomes: "data first\n" "signal first\n"
 *
 * csim: --strategy dpor --outcomes --switch kernel
 * expect: clean
 * outcomes: "data first\n" "signal first\n"
 *
 * csim: -DLOST
 * expect: bug deadlock
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

static int ends[2];
static int epoll;
static sigset_t usual;
static pthread_t waiter;
static volatile sig_atomic_t got;

static void Handle(int signal) { got = signal; }

static void* Interrupt(void* unused) {
  pthread_kill(waiter, SIGUSR1);
  return unused;
}

static void* Write(void* unused) {
  assert(write(ends[1], "x", 1) == 1);
  return unused;
}

/* 1: there is something to read; -1: a signal came. */
static int Wait(void) {
#if defined(LOST)
  struct pollfd item = {ends[0], POLLIN, 0};
  if (got) return -1;
  sigprocmask(SIG_SETMASK, &usual, NULL);
  const int found = poll(&item, 1, -1);
#elif defined(PSELECT)
  fd_set reads;
  FD_ZERO(&reads);
  FD_SET(ends[0], &reads);
  const int found = pselect(ends[0] + 1, &reads, NULL, NULL, NULL, &usual);
  assert(found != 1 || FD_ISSET(ends[0], &reads));
#elif defined(EPOLL)
  struct epoll_event event;
  const int found = epoll_pwait(epoll, &event, 1, -1, &usual);
#else
  struct pollfd item = {ends[0], POLLIN, 0};
  const int found = ppoll(&item, 1, NULL, &usual);
#endif
  assert(found == 1 || (found == -1 && errno == EINTR && got));
  return found;
}

int main(void) {
  waiter = pthread_self();
  assert(pipe(ends) == 0);
  epoll = epoll_create1(0);
  struct epoll_event event = {EPOLLIN, {0}};
  assert(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
  sigset_t mine;
  sigemptyset(&mine);
  sigaddset(&mine, SIGUSR1);
  sigprocmask(SIG_BLOCK, &mine, &usual);
  struct sigaction action = {0};
  action.sa_handler = Handle;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  pthread_t interrupts, writes;
  pthread_create(&interrupts, NULL, Interrupt, NULL);
#ifndef LOST
  pthread_create(&writes, NULL, Write, NULL);
  int data = Wait() == 1;
  puts(data ? "data first" : "signal first");
  if (data) {
    char c;
    assert(read(ends[0], &c, 1) == 1);
  }
  assert(!data || !got);
  assert(Wait() == (data ? -1 : 1));
  pthread_join(writes, NULL);
#else
  assert(Wait() == -1);
#endif
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
#ifndef LOST
  assert(sigismember(&now, SIGUSR1));
#endif
  pthread_join(interrupts, NULL);
  return 0;
}
