/* Signals read from a descriptor: one by one as they come, or together; the end of a child is one of them.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "1 1\n" "2\n"
 *
 * csim: --strategy dpor --outcomes -DEPOLL
 * expect: clean
 * outcomes: "1 1\n" "2\n"
 *
 * csim: --outcomes --switch kernel -DBLOCKING
 * expect: clean
 * outcomes: "1 1\n" "2\n"
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  struct signalfd_siginfo infos[3];
  assert(read(fd, infos, sizeof infos) == -1 && errno == EAGAIN);
  assert(read(fd, infos, 1) == -1 && errno == EINVAL);
  struct pollfd item = {fd, POLLIN, 0};
  assert(poll(&item, 1, 0) == 0);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  assert(signalfd(fd, &set, 0) == fd);
#ifdef BLOCKING
  const int reads = signalfd(-1, &set, 0);
#else
  const int reads = fd;
#endif
  const int epoll = epoll_create1(0);
  struct epoll_event event = {EPOLLIN, {.fd = fd}};
  assert(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
  const pid_t parent = getpid(), child = fork();
  if (child == 0) {
    const union sigval value = {42};
    assert(sigqueue(parent, SIGUSR1, value) == 0);
    _exit(3);
  }
  int seen = 0, numbers[2];
  while (seen < 2) {
#ifdef EPOLL
    struct epoll_event found;
    assert(epoll_wait(epoll, &found, 1, -1) == 1 && found.data.fd == fd);
#elif !defined(BLOCKING)
    assert(poll(&item, 1, -1) == 1 && item.revents == POLLIN);
#endif
    const ssize_t size = read(reads, infos, sizeof infos);
    assert(size > 0 && size % sizeof *infos == 0);
    const int count = (int)(size / (ssize_t)sizeof *infos);
    for (int i = 0; i < count; ++i) {
      numbers[seen++] = (int)infos[i].ssi_signo;
      if (infos[i].ssi_signo != SIGUSR1) continue;
      assert(infos[i].ssi_code == SI_QUEUE && infos[i].ssi_int == 42);
      assert((pid_t)infos[i].ssi_pid == child);
    }
    printf("%d%s", count, seen < 2 ? " " : "\n");
  }
  assert(numbers[0] == SIGUSR1 && numbers[1] == SIGCHLD);
  int status;
  assert(waitpid(child, &status, WNOHANG) == child && WEXITSTATUS(status) == 3);
  return 0;
}
