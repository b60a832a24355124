/* poll sees what is there when it returns: one pipe, the other, or both.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "first\n" "second\n" "both\n"
 */
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int first[2], second[2];

static void* Write(void* fd) {
  assert(write(*(int*)fd, "x", 1) == 1);
  return NULL;
}

int main(void) {
  pthread_t a, b;
  assert(pipe(first) == 0 && pipe(second) == 0);
  struct pollfd items[3] = {{first[0], POLLIN, 0}, {second[0], POLLIN, 0}, {-1, POLLIN, 0}};
  assert(poll(items, 3, 0) == 0);
  pthread_create(&a, NULL, Write, &first[1]);
  pthread_create(&b, NULL, Write, &second[1]);
  const int n = poll(items, 3, -1);
  assert(n == 1 || n == 2);
  const int in_first = items[0].revents == POLLIN, in_second = items[1].revents == POLLIN;
  assert(in_first + in_second == n);
  puts(n == 2 ? "both" : in_first ? "first" : "second");
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  close(first[1]);
  assert(poll(items, 1, -1) == 1 && items[0].revents == (POLLIN | POLLHUP));
  close(second[0]);
  items[0] = (struct pollfd){second[1], POLLOUT, 0};
  assert(poll(items, 1, -1) == 1 && items[0].revents == (POLLOUT | POLLERR));
  items[0].fd = 99;
  assert(poll(items, 1, -1) == 1 && items[0].revents == POLLNVAL);
  return 0;
}
