/* What poll tells without being asked: an error where nobody reads a pipe any more, a hang-up where a socket goes
 * neither way. And that another thread has shut down what it waits to read.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "8 10 1\n"
 */
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2], sockets[2], others[2];

static void* Close(void* unused) {
  close(ends[0]);
  shutdown(sockets[1], SHUT_WR);
  close(sockets[1]);
  shutdown(others[0], SHUT_RD);
  return unused;
}

int main(void) {
  pthread_t other;
  assert(pipe(ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, others) == 0);
  pthread_create(&other, NULL, Close, NULL);
  struct pollfd pipe_end = {ends[1], 0, 0}, socket_end = {sockets[0], 0, 0};
  assert(poll(&pipe_end, 1, -1) == 1);
  assert(poll(&socket_end, 1, -1) == 1);
  struct pollfd other_end = {others[0], POLLIN, 0};
  assert(poll(&other_end, 1, -1) == 1);
  pthread_join(other, NULL);
  printf("%x %x %x\n", pipe_end.revents, socket_end.revents, other_end.revents);
  return 0;
}
