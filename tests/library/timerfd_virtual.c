/* Timers expire in virtual time, without any waiting.
 * csim: --strategy dpor --outcomes --timeouts virtual
 * expect: clean
 * outcomes: "1 2\n"
 */
#include <assert.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec when = {{10, 0}, {3600, 0}};
  assert(timerfd_settime(timer, 0, &when, NULL) == 0);
  struct pollfd item = {timer, POLLIN, 0};
  assert(poll(&item, 1, 1000) == 0);
  assert(poll(&item, 1, -1) == 1 && item.revents == POLLIN);
  uint64_t once = 0, twice = 0;
  assert(read(timer, &once, sizeof once) == sizeof once);
  struct timespec pause = {25, 0};
  nanosleep(&pause, NULL);
  assert(read(timer, &twice, sizeof twice) == sizeof twice);
  printf("%d %d\n", (int)once, (int)twice);
  close(timer);
  return 0;
}
