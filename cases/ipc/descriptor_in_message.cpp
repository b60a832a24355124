// A server hands the writing end of a pipe to its worker in a message (SCM_RIGHTS) and reads what the worker says
// until the pipe ends. A message that holds the writing end keeps the pipe open as a process would: if the worker
// waits for something else and never looks into its socket, the server waits for an end of file that never comes.
// With -DFIXED the worker receives the descriptor, writes, and ends.
//
// expect: bug deadlock
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "done\n"
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>
#include <cstring>

namespace {

// A message of one byte with room for one descriptor.
struct Message {
  char byte = 0;
  iovec data = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header = {};

  Message() {
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
};

void Send(int socket, int descriptor) {
  Message message;
  cmsghdr* const rights = CMSG_FIRSTHDR(&message.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  const ssize_t sent = sendmsg(socket, &message.header, 0);
  assert(sent == 1);
}

int Receive(int socket) {
  Message message;
  const ssize_t received = recvmsg(socket, &message.header, 0);
  assert(received == 1);
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message.header)), sizeof descriptor);
  return descriptor;
}

void Worker(int socket, int stop) {
#ifdef FIXED
  const int pipe_end = Receive(socket);
  const ssize_t written = write(pipe_end, "done", 4);
  assert(written == 4);
  close(pipe_end);
#endif
  char byte;
  while (read(stop, &byte, 1) == 1) continue;  // until its server ends
  _exit(0);
}

}  // namespace

int main() {
  int sockets[2];
  int ends[2];
  int stop[2];
  int result = socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets);
  assert(result == 0);
  result = pipe(stop);
  assert(result == 0);
  if (fork() == 0) {
    close(sockets[0]);
    close(stop[1]);
    Worker(sockets[1], stop[0]);
  }
  close(sockets[1]);
  result = pipe(ends);
  assert(result == 0);
  Send(sockets[0], ends[1]);
  close(ends[1]);
  char text[16] = {};
  ssize_t size = 0;
  for (ssize_t n; (n = read(ends[0], text + size, sizeof text - 1 - size)) > 0;) size += n;
  std::printf("%s\n", text);
  close(stop[1]);
  wait(nullptr);
}
