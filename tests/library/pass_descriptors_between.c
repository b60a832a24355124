/* The writing end of a pipe goes to a child in a message. As long as nobody has received it, the pipe does not end: a
 * child that does not look for it leaves its parent waiting.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "from the child\n"
 * csim: -DIGNORE
 * expect: bug deadlock
 * csim: -DKILL
 * expect: clean
 */
#define _GNU_SOURCE
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static union {
  char bytes[CMSG_SPACE(sizeof(int))];
  struct cmsghdr header;
} control;
static char byte;
static struct iovec data = {&byte, 1};

static struct msghdr Message(void) {
  return (struct msghdr){
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
}

static void Child(int socket) {
  struct msghdr message = Message();
  int fd;
#ifdef IGNORE
  pause();
#endif
  assert(recvmsg(socket, &message, 0) == 1);
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  assert(write(fd, "from the child", 14) == 14);
#ifdef KILL
  pause();
#endif
  _exit(0);
}

int main(void) {
  int pair[2], ends[2];
  char text[32] = "";
  assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(pair[0]);
    Child(pair[1]);
  }
  close(pair[1]);
  assert(pipe(ends) == 0);
  struct msghdr message = Message();
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(&control.header), &ends[1], sizeof(int));
  assert(sendmsg(pair[0], &message, 0) == 1);
  close(ends[1]);
#ifdef KILL
  kill(child, SIGKILL);
#endif
  for (size_t at = 0; read(ends[0], text + at, 1) == 1; ++at) continue;
  waitpid(child, NULL, 0);
#ifndef KILL
  printf("%s\n", text);
#endif
  return 0;
}
