/* A periodic timer strikes as often as the clock says. Where a sleep may end at any point, only some strikes are
 * explored, which the verdict says. Without a strike too many (-DONCE), everything is.
 * csim: --strategy dpor --outcomes --timeouts virtual
 * expect: clean
 * outcomes: "5 strikes in 13 s\n"
 *
 * csim: --outcomes --timeouts virtual --switch kernel
 * expect: clean
 * outcomes: "5 strikes in 13 s\n"
 *
 * csim: --strategy dpor
 * expect: bounded
 *
 * csim: --strategy dpor --outcomes -DONCE
 * expect: clean
 * outcomes: "stopped\n" "struck\n"
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t strikes;

static void Count(int signal) { ++strikes; }
static void CountWithValue(int signal, siginfo_t* info, void* unused) {
  assert(info->si_code == SI_TIMER && info->si_value.sival_int == 7);
  ++strikes;
}

static void Periodic(void) {
  sigset_t alarm_only, before;
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGALRM);
  sigprocmask(SIG_BLOCK, &alarm_only, &before);
  struct sigaction action = {0};
  action.sa_handler = Count;
  sigaction(SIGALRM, &action, NULL);
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  const struct itimerval every = {{3, 0}, {1, 0}}, never = {{0, 0}, {0, 0}};
  struct itimerval was;
  assert(setitimer(ITIMER_REAL, &every, NULL) == 0);
  while (strikes < 5) assert(sigsuspend(&before) == -1 && errno == EINTR);
  clock_gettime(CLOCK_MONOTONIC, &end);
  assert(setitimer(ITIMER_REAL, &never, &was) == 0 && was.it_interval.tv_sec == 3);
  assert(getitimer(ITIMER_REAL, &was) == 0 && was.it_value.tv_sec == 0 &&
         was.it_value.tv_usec == 0);
  printf("%d strikes in %d s\n", (int)strikes, (int)(end.tv_sec - begin.tv_sec));
}

static void Once(void) {
  struct sigaction action = {0};
  action.sa_sigaction = CountWithValue;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGUSR1, &action, NULL);
  struct sigevent event = {0};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  event.sigev_value.sival_int = 7;
  timer_t timer, silent;
  assert(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  event.sigev_notify = SIGEV_NONE;
  assert(timer_create(CLOCK_REALTIME, &event, &silent) == 0);
  const struct itimerspec later = {{0, 0}, {1, 0}}, much_later = {{0, 0}, {100, 0}};
  assert(timer_settime(silent, 0, &much_later, NULL) == 0);
  assert(timer_settime(timer, 0, &later, NULL) == 0);
  struct itimerspec left;
  assert(timer_gettime(silent, &left) == 0 && left.it_value.tv_sec > 90);
  assert(timer_delete(timer) == 0);
  const int struck = strikes;
  assert(timer_delete(timer) == -1 && errno == EINVAL);
  assert(strikes == struck);
  puts(struck != 0 ? "struck" : "stopped");
}

int main(void) {
#ifdef ONCE
  Once();
#else
  Periodic();
#endif
  return 0;
}
