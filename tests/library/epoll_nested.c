/* An epoll descriptor inside another one, and inside a poll: it can be read when it has something to tell.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "ab\n" "ba\n"
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

static int a[2], b[2];

static void Add(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  assert(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void* Write(void* ends) {
  assert(write(((int*)ends)[1], "x", 1) == 1);
  return NULL;
}

/* Reads from the pipe that is ready; which one that was. */
static char Next(int outer, int inner) {
  struct epoll_event event;
  char c;
  assert(epoll_wait(outer, &event, 1, -1) == 1);
  if (event.data.fd == inner) {
    assert(epoll_wait(inner, &event, 1, 0) == 1 && event.data.fd == a[0]);
  }
  assert(read(event.data.fd, &c, 1) == 1);
  return event.data.fd == a[0] ? 'a' : 'b';
}

int main(void) {
  pthread_t writers[2];
  assert(pipe(a) == 0 && pipe(b) == 0);
  const int outer = epoll_create1(0), inner = epoll_create1(0);
  Add(inner, a[0]);
  Add(outer, inner);
  struct epoll_event event = {.events = EPOLLIN};
  assert(epoll_ctl(outer, EPOLL_CTL_ADD, outer, &event) == -1 && errno == EINVAL);
  assert(epoll_ctl(inner, EPOLL_CTL_ADD, outer, &event) == -1 && errno == ELOOP);
  struct pollfd item = {outer, POLLIN, 0};
  assert(poll(&item, 1, 0) == 0);
  Add(outer, b[0]);
  pthread_create(&writers[0], NULL, Write, a);
  pthread_create(&writers[1], NULL, Write, b);
  assert(poll(&item, 1, -1) == 1 && item.revents == POLLIN);
  const char first = Next(outer, inner), second = Next(outer, inner);
  assert(poll(&item, 1, 0) == 0);
  for (int i = 0; i < 2; ++i) pthread_join(writers[i], NULL);
  printf("%c%c\n", first, second);
  return 0;
}
