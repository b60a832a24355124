// Waiting for descriptors: poll, select, epoll; eventfd, timerfd and signalfd.
#undef __OPTIMIZE__  // with it, the headers define some of these functions inline
#undef _FORTIFY_SOURCE
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"

namespace csim {
bool RunsUnderCsim();
}

using namespace csim;

namespace {

uint64_t After(uint64_t nanoseconds) { return g_runtime.machine().now() + nanoseconds; }

uint64_t DeadlineOfMilliseconds(int milliseconds) {
  return milliseconds < 0 ? kNoDeadline : After(static_cast<uint64_t>(milliseconds) * 1'000'000);
}

WaitLimit LimitOf(int milliseconds, const sigset_t* mask = nullptr) {
  return {milliseconds != 0, DeadlineOfMilliseconds(milliseconds), mask};
}

WaitLimit LimitOf(const timespec* timeout, const sigset_t* mask) {
  if (timeout == nullptr) return {.mask = mask};
  const uint64_t length = static_cast<uint64_t>(timeout->tv_sec) * 1'000'000'000 +
                          static_cast<uint64_t>(timeout->tv_nsec);
  return {length != 0, After(length), mask};
}

int Poll(pollfd* items, nfds_t count, const WaitLimit& limit) {
  NoteReads(items, count * sizeof *items);
  return Answer<int>(SysPoll(items, count, limit));
}

bool Has(const fd_set* set, int fd) { return set != nullptr && FD_ISSET(fd, set); }

// The bits of a descriptor in the three sets as events of a poll.
short EventsOf(int fd, const fd_set* reads, const fd_set* writes, const fd_set* others) {
  return static_cast<short>((Has(reads, fd) ? POLLIN : 0) | (Has(writes, fd) ? POLLOUT : 0) |
                            (Has(others, fd) ? POLLPRI : 0));
}

int Select(int count, fd_set* reads, fd_set* writes, fd_set* others, const WaitLimit& limit) {
  pollfd items[FD_SETSIZE];
  size_t used = 0;
  for (int fd = 0; fd < std::min(count, FD_SETSIZE); ++fd) {
    const short events = EventsOf(fd, reads, writes, others);
    if (events != 0) items[used++] = {fd, events, 0};
  }
  const long result = SysPoll(items, used, limit);
  if (result < 0) return Answer<int>(result);
  for (fd_set* set : {reads, writes, others}) {
    if (set != nullptr) FD_ZERO(set);
  }
  int bits = 0;
  for (size_t i = 0; i < used; ++i) {
    const pollfd& item = items[i];
    if ((item.revents & POLLNVAL) != 0) return Answer<int>(-EBADF);
    const auto set = [&](fd_set* to, int event, int ready) {
      if ((item.events & event) == 0 || (item.revents & ready) == 0) return;
      FD_SET(item.fd, to);
      ++bits;
    };
    set(reads, POLLIN, POLLIN | POLLHUP | POLLERR);
    set(writes, POLLOUT, POLLOUT | POLLERR);
    set(others, POLLPRI, POLLPRI);
  }
  return bits;
}

}  // namespace

CSIM_INTERPOSE int poll(pollfd* items, nfds_t count, int milliseconds) {
  if (!g_runtime.Active()) return CSIM_REAL(poll)(items, count, milliseconds);
  return Poll(items, count, LimitOf(milliseconds));
}

CSIM_INTERPOSE int __poll_chk(pollfd* items, nfds_t count, int milliseconds, size_t) {
  return poll(items, count, milliseconds);
}

CSIM_INTERPOSE int ppoll(pollfd* items, nfds_t count, const timespec* timeout,
                         const sigset_t* mask) {
  if (!g_runtime.Active()) return CSIM_REAL(ppoll)(items, count, timeout, mask);
  if (!ValidTime(timeout)) return Answer<int>(-EINVAL);
  return Poll(items, count, LimitOf(timeout, mask));
}

CSIM_INTERPOSE int pselect(int count, fd_set* reads, fd_set* writes, fd_set* others,
                           const timespec* timeout, const sigset_t* mask) {
  if (!g_runtime.Active()) return CSIM_REAL(pselect)(count, reads, writes, others, timeout, mask);
  if (!ValidTime(timeout)) return Answer<int>(-EINVAL);
  return Select(count, reads, writes, others, LimitOf(timeout, mask));
}

CSIM_INTERPOSE int select(int count, fd_set* reads, fd_set* writes, fd_set* others,
                          timeval* timeout) {
  if (!g_runtime.Active()) return CSIM_REAL(select)(count, reads, writes, others, timeout);
  if (timeout == nullptr) return Select(count, reads, writes, others, {});
  if (timeout->tv_usec < 0 || timeout->tv_usec >= 1'000'000) return Answer<int>(-EINVAL);
  const timespec time{timeout->tv_sec, timeout->tv_usec * 1000};
  return Select(count, reads, writes, others, LimitOf(&time, nullptr));
}

CSIM_INTERPOSE int epoll_create1(int flags) noexcept {
  if (!g_runtime.Active()) {
    const int fd = CSIM_REAL(epoll_create1)(flags);
    if (RunsUnderCsim()) NoteEarlyEpoll(fd);
    return fd;
  }
  return Answer<int>(SysEpollCreate(flags));
}

CSIM_INTERPOSE int epoll_create(int size) noexcept {
  if (size <= 0) return Answer<int>(-EINVAL);
  return epoll_create1(0);
}

CSIM_INTERPOSE int epoll_ctl(int epoll, int what, int fd, epoll_event* event) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(epoll_ctl)(epoll, what, fd, event);
  return Answer<int>(SysEpollCtl(epoll, what, fd, event));
}

CSIM_INTERPOSE int epoll_wait(int epoll, epoll_event* events, int count, int milliseconds) {
  if (!g_runtime.Active()) return CSIM_REAL(epoll_wait)(epoll, events, count, milliseconds);
  return Answer<int>(SysEpollWait(epoll, events, count, LimitOf(milliseconds)));
}

CSIM_INTERPOSE int epoll_pwait(int epoll, epoll_event* events, int count, int milliseconds,
                               const sigset_t* mask) {
  if (!g_runtime.Active()) return CSIM_REAL(epoll_pwait)(epoll, events, count, milliseconds, mask);
  return Answer<int>(SysEpollWait(epoll, events, count, LimitOf(milliseconds, mask)));
}

CSIM_INTERPOSE int epoll_pwait2(int epoll, epoll_event* events, int count, const timespec* timeout,
                                const sigset_t* mask) {
  if (!g_runtime.Active()) return CSIM_REAL(epoll_pwait2)(epoll, events, count, timeout, mask);
  if (!ValidTime(timeout)) return Answer<int>(-EINVAL);
  return Answer<int>(SysEpollWait(epoll, events, count, LimitOf(timeout, mask)));
}

CSIM_INTERPOSE int eventfd(unsigned value, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(eventfd)(value, flags);
  return Answer<int>(SysEventfd(value, flags));
}

CSIM_INTERPOSE int eventfd_read(int fd, eventfd_t* value) {
  return read(fd, value, sizeof *value) == sizeof *value ? 0 : -1;
}

CSIM_INTERPOSE int eventfd_write(int fd, eventfd_t value) {
  return write(fd, &value, sizeof value) == sizeof value ? 0 : -1;
}

CSIM_INTERPOSE int timerfd_create(clockid_t clock, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timerfd_create)(clock, flags);
  return Answer<int>(SysTimerfdCreate(clock, flags));
}

CSIM_INTERPOSE int timerfd_settime(int fd, int flags, const itimerspec* fresh,
                                   itimerspec* old) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timerfd_settime)(fd, flags, fresh, old);
  return Answer<int>(SysTimerfdSettime(fd, flags, fresh, old));
}

CSIM_INTERPOSE int timerfd_gettime(int fd, itimerspec* now) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timerfd_gettime)(fd, now);
  return Answer<int>(SysTimerfdGettime(fd, now));
}

CSIM_INTERPOSE int signalfd(int fd, const sigset_t* mask, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(signalfd)(fd, mask, flags);
  return Answer<int>(SysSignalfd(fd, mask, flags));
}
