// A message queue keeps messages apart, as a pipe does not, and gives the most urgent one first. With
// -DSOCKETPAIR a pair of sockets of the same kind is used, which keeps messages apart and in order. A
// queue has so many places: with -DFULL the parent sends more than that before anybody receives.
//
// csim: --outcomes
// expect: clean
// outcomes: "hurry! work\n"
//
// csim: --outcomes -DSOCKETPAIR
// expect: clean
// outcomes: "work hurry!\n"
//
// csim: -DFULL
// expect: bug deadlock
#include <fcntl.h>
#include <mqueue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>
#include <cstring>

constexpr size_t kSize = 16;

#ifdef SOCKETPAIR
int ends[2];

void Open() {
  const int result = socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
  assert(result == 0);
}

void Send(const char* text, unsigned) {
  const ssize_t count = send(ends[0], text, std::strlen(text) + 1, 0);
  assert(count > 0);
}

void Receive(char* text) {
  const ssize_t count = recv(ends[1], text, kSize, 0);
  assert(count > 0);
}
#else
mqd_t queue;

void Open() {
  char name[64];
  std::snprintf(name, sizeof name, "/csim_case_%d", static_cast<int>(getpid()));
  mq_attr attributes{};
#ifdef FULL
  attributes.mq_maxmsg = 1;
#else
  attributes.mq_maxmsg = 2;
#endif
  attributes.mq_msgsize = kSize;
  queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  assert(queue != -1);
  mq_unlink(name);  // those who have it open keep it
}

void Send(const char* text, unsigned priority) {
  const int result = mq_send(queue, text, std::strlen(text) + 1, priority);
  assert(result == 0);
}

void Receive(char* text) {
  const ssize_t count = mq_receive(queue, text, kSize, nullptr);
  assert(count > 0);
}
#endif

int main() {
  Open();
  Send("work", 1);
  Send("hurry!", 9);
  const pid_t child = fork();
  if (child == 0) {
    char first[kSize];
    char second[kSize];
    Receive(first);
    Receive(second);
    dprintf(STDOUT_FILENO, "%s %s\n", first, second);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
}
