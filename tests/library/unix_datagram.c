/* Datagrams keep their borders and say who sent them.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "one two\n"
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int Bound(const char* name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, name);
  unlink(name);
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  assert(bind(fd, (struct sockaddr*)&address, sizeof address) == 0);
  return fd;
}

static void* Send(void* unused) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  const int fd = Bound("/tmp/csim_sender.sock");
  strcpy(to.sun_path, "/tmp/csim_receiver.sock");
  assert(sendto(fd, "one", 4, 0, (struct sockaddr*)&to, sizeof to) == 4);
  assert(connect(fd, (struct sockaddr*)&to, sizeof to) == 0);
  assert(send(fd, "two", 4, 0) == 4);
  close(fd);
  unlink("/tmp/csim_sender.sock");
  return unused;
}

int main(void) {
  pthread_t sender;
  char first[2] = "", second[16] = "";
  struct sockaddr_un from = {0};
  socklen_t size = sizeof from;
  const int fd = Bound("/tmp/csim_receiver.sock");
  pthread_create(&sender, NULL, Send, NULL);
  assert(recvfrom(fd, first, 1, 0, (struct sockaddr*)&from, &size) == 1); /* the rest is lost */
  assert(strcmp(from.sun_path, "/tmp/csim_sender.sock") == 0);
  assert(recv(fd, second, sizeof second, 0) == 4);
  assert(recv(fd, second + 8, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
  pthread_join(sender, NULL);
  printf("%sne %s\n", first, second);
  close(fd);
  return 0;
}
