/* Descriptors in messages (SCM_RIGHTS), over each kind of UNIX socket: they are the sender's files under other numbers,
 * come with the first byte of their message, and are closed if nobody wants them.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "done\n"
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static ssize_t Send(int socket, const char* text, size_t size, const int* fds, size_t count) {
  union {
    char bytes[CMSG_SPACE(8 * sizeof(int))];
    struct cmsghdr header;
  } control;
  struct iovec data = {(void*)text, size};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  memset(&control, 0, sizeof control);
  if (count != 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
  }
  return sendmsg(socket, &message, 0);
}

/* *count: room for so many, then how many came. The message's flags, or -1 and the text's size. */
static ssize_t Receive(int socket, char* text, size_t size, int* fds, size_t* count, int how,
                       int* flags) {
  union {
    char bytes[CMSG_SPACE(8 * sizeof(int))];
    struct cmsghdr header;
  } control;
  struct iovec data = {text, size};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control};
  message.msg_controllen = *count == 0 ? 0 : CMSG_LEN(*count * sizeof(int));
  const ssize_t n = recvmsg(socket, &message, how);
  *count = 0;
  if (n < 0) return n;
  *flags = message.msg_flags;
  const struct cmsghdr* header =
      message.msg_controllen < sizeof *header ? NULL : CMSG_FIRSTHDR(&message);
  if (header == NULL) return n;
  assert(header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS);
  *count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(fds, CMSG_DATA(header), *count * sizeof(int));
  return n;
}

static int Ended(int fd) {
  struct pollfd item = {fd, POLLIN, 0};
  return poll(&item, 1, 0) == 1 && (item.revents & POLLHUP) != 0;
}

/* One message with two descriptors, of which the first is used. */
static void RoundTrip(int type) {
  int pair[2], ends[2], fds[8], flags;
  size_t count = 8;
  char text[8] = "";
  assert(socketpair(AF_UNIX, type, 0, pair) == 0 && pipe(ends) == 0);
  assert(Send(pair[0], "m", 1, (int[]){ends[1], ends[0]}, 2) == 1);
  close(ends[1]);
  assert(!Ended(ends[0])); /* the message holds it */
  assert(Receive(pair[1], text, sizeof text, fds, &count, MSG_CMSG_CLOEXEC, &flags) == 1);
  assert(text[0] == 'm' && count == 2 && flags == MSG_CMSG_CLOEXEC);
  assert(fcntl(fds[0], F_GETFD) == FD_CLOEXEC && (fcntl(fds[0], F_GETFL) & O_ACCMODE) == O_WRONLY);
  assert(write(fds[0], "x", 1) == 1 && read(fds[1], text, 1) == 1 && text[0] == 'x');
  assert(!Ended(ends[0]));
  close(fds[0]);
  assert(Ended(ends[0]));
  close(fds[1]), close(ends[0]), close(pair[0]), close(pair[1]);
}

/* What does not fit, is not asked for, or is never received is closed. */
static void Unwanted(int type) {
  int pair[2], ends[2], other[2], fds[8], flags;
  size_t count = 1;
  char text[8];
  assert(socketpair(AF_UNIX, type, 0, pair) == 0 && pipe(ends) == 0 && pipe(other) == 0);
  assert(Send(pair[0], "m", 1, (int[]){other[0], ends[1]}, 2) == 1);
  close(ends[1]);
  assert(Receive(pair[1], text, 1, fds, &count, 0, &flags) == 1);
  assert(count == 1 && (flags & MSG_CTRUNC) != 0 && Ended(ends[0]));
  close(fds[0]);

  assert(Send(pair[0], "m", 1, (int[]){other[1]}, 1) == 1);
  assert(Send(pair[0], "n", 1, NULL, 0) == 1);
  close(other[1]);
  count = 0;
  assert(Receive(pair[1], text, 1, fds, &count, 0, &flags) == 1);
  assert(count == 0 && (flags & MSG_CTRUNC) != 0 && Ended(other[0]));
  count = 8;
  assert(Receive(pair[1], text, 1, fds, &count, 0, &flags) == 1 && count == 0 && flags == 0);
  close(ends[0]), close(other[0]);

  assert(pipe(ends) == 0 && pipe(other) == 0);
  assert(Send(pair[0], "m", 1, (int[]){ends[1]}, 1) == 1 && read(pair[1], text, 1) == 1);
  assert(Send(pair[0], "m", 1, (int[]){other[1]}, 1) == 1);
  close(ends[1]), close(other[1]);
  assert(Ended(ends[0]) && !Ended(other[0]));
  close(pair[1]);
  assert(Ended(other[0]));
  close(pair[0]), close(ends[0]), close(other[0]);
}

/* A read of a stream stops behind the message that the descriptors came with, not before it. */
static void Boundaries(void) {
  int pair[2], ends[2], fds[8], flags;
  size_t count = 8;
  char text[8];
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
  assert(Send(pair[0], "ab", 2, NULL, 0) == 2 && Send(pair[0], "cd", 2, ends, 1) == 2);
  assert(Send(pair[0], "ef", 2, ends + 1, 1) == 2);
  assert(Receive(pair[1], text, 1, fds, &count, 0, &flags) == 1 && count == 0);
  count = 8;
  assert(Receive(pair[1], text, 8, fds, &count, MSG_PEEK, &flags) == 3 && count == 1);
  close(fds[0]);
  count = 8;
  assert(Receive(pair[1], text, 2, fds, &count, 0, &flags) == 2 && count == 1);
  close(fds[0]);
  count = 8;
  assert(Receive(pair[1], text, 8, fds, &count, 0, &flags) == 3 && count == 1);
  assert(memcmp(text, "def", 3) == 0);
  close(fds[0]);
  assert(Send(pair[0], "x", 1, (int[]){77}, 1) == -1 && errno == EBADF);
  close(pair[0]), close(pair[1]), close(ends[0]), close(ends[1]);
}

/* A real file: both processes have the same offset. */
static void RealFile(void) {
  int pair[2], fds[8], flags, status;
  size_t count = 8;
  char text[8] = "", name[] = "/tmp/csim_pass_XXXXXX";
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const pid_t child = fork();
  if (child == 0) {
    assert(Receive(pair[1], text, 8, fds, &count, 0, &flags) == 1 && count == 1);
    assert(read(fds[0], text, 2) == 2 && memcmp(text, "cd", 2) == 0);
    _exit(3);
  }
  const int file = mkstemp(name);
  assert(write(file, "abcdef", 6) == 6 && lseek(file, 2, SEEK_SET) == 2);
  assert(Send(pair[0], "f", 1, &file, 1) == 1);
  assert(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
  assert(read(file, text, 2) == 2 && memcmp(text, "ef", 2) == 0);
  unlink(name);
  close(file), close(pair[0]), close(pair[1]);
}

int main(void) {
  for (int i = 0; i < 3; ++i) {
    const int type = (int[]){SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}[i];
    RoundTrip(type);
    Unwanted(type);
  }
  Boundaries();
  RealFile();
  printf("done\n");
  return 0;
}
