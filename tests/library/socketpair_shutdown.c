/* A stream socket goes both ways; shutting one way down is the end of file at the other side.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "request reply\n"
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int pair[2];

static void* Serve(void* unused) {
  char text[32] = "";
  size_t size = 0;
  for (ssize_t n; (n = recv(pair[1], text + size, sizeof text - size, 0)) != 0; size += n) {
    assert(n > 0);
  }
  assert(size == 7 && memcmp(text, "request", 7) == 0);
  assert(send(pair[1], "reply", 5, 0) == 5);
  close(pair[1]);
  return unused;
}

int main(void) {
  pthread_t server;
  char text[32] = "";
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  pthread_create(&server, NULL, Serve, NULL);
  assert(write(pair[0], "request", 7) == 7);
  assert(shutdown(pair[0], SHUT_WR) == 0);
  assert(recv(pair[0], text, sizeof text, MSG_WAITALL) == 5);
  assert(recv(pair[0], text + 5, 1, 0) == 0);
  assert(send(pair[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
  pthread_join(server, NULL);
  close(pair[0]);
  printf("request %s\n", text);
  return 0;
}
