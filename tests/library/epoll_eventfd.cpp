// Two threads count an eventfd up; an epoll loop collects until all is there. Under EPOLLET each report
// needs something new.
// csim: --strategy dpor --outcomes
// expect: clean
// outcomes: "3\n"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <thread>

int main() {
  const int counter = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLET;
  wanted.data.u64 = 42;
  assert(epoll_ctl(poller, EPOLL_CTL_ADD, counter, &wanted) == 0);
  assert(epoll_ctl(poller, EPOLL_CTL_ADD, counter, &wanted) == -1 && errno == EEXIST);
  const auto add = [counter](uint64_t n) { assert(write(counter, &n, sizeof n) == sizeof n); };
  std::thread a(add, 1), b(add, 2);
  uint64_t total = 0;
  while (total < 3) {
    epoll_event event{};
    assert(epoll_wait(poller, &event, 1, -1) == 1);
    assert(event.events == EPOLLIN && event.data.u64 == 42);
    uint64_t n = 0;
    if (read(counter, &n, sizeof n) == sizeof n) total += n;
  }
  a.join();
  b.join();
  epoll_event event{};
  assert(epoll_wait(poller, &event, 1, 0) == 0);
  printf("%d\n", static_cast<int>(total));
  close(poller);
  close(counter);
}
