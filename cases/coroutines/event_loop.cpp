// An event loop: one thread runs all coroutines, and epoll says whose descriptor is ready. Two senders
// write a line each; the lines are handled in either order. What can go wrong:
//   -DBLOCKS   a handler waits by itself, in read instead of co_await: while it waits the loop stands
//              still, and what it waits for would come from another handler
//   -DEDGE     edge-triggered: an event is told once. Who reads only part of what is there and waits for
//              the next event has lost the rest. With -DEDGE -DDRAINED the handler reads until nothing
//              is left
//
// csim: --outcomes
// expect: clean
// outcomes: "aAbB" "bBaA"
//
// csim: -DBLOCKS
// expect: bug deadlock
//
// csim: -DEDGE
// expect: bug deadlock
//
// csim: --outcomes -DEDGE -DDRAINED
// expect: clean
// outcomes: "aAbB" "bBaA"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cassert>
#include <coroutine>
#include <cstdio>
#include <exception>
#include <thread>

class EventLoop {
 public:
  void Watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
#ifdef EDGE
    event.events |= EPOLLET;
#endif
    event.data.fd = fd;
    const int result = epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    assert(result == 0);
    ++watched_;
  }

  void Forget(int fd) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    --watched_;
  }

  void SetWaiting(int fd, std::coroutine_handle<> handle) { waiting_[fd] = handle; }

  // Resumes who waits for a descriptor when it is ready, until nobody is left.
  void Run() {
    while (watched_ > 0) {
      epoll_event event{};
      const int count = epoll_wait(epoll_, &event, 1, -1);
      assert(count == 1);
      waiting_[event.data.fd].resume();
    }
  }

 private:
  static constexpr int kDescriptors = 64;
  int epoll_ = epoll_create1(0);
  int watched_ = 0;
  std::coroutine_handle<> waiting_[kDescriptors];
};

EventLoop loop;

struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// co_await Readable{fd}: goes on when there is something to read.
struct Readable : std::suspend_always {
  explicit Readable(int fd) : fd(fd) {}
  void await_suspend(std::coroutine_handle<> me) const { loop.SetWaiting(fd, me); }
  int fd;
};

// How much a handler reads at once; a line has two letters.
#if defined(EDGE)
constexpr size_t kAtOnce = 1;
#else
constexpr size_t kAtOnce = 2;
#endif

// Reads up to kAtOnce letters and prints them. 0: there are none now.
int PrintSome(int fd) {
  char letters[kAtOnce];
  const ssize_t count = read(fd, letters, kAtOnce);
  if (count < 0 && errno == EAGAIN) return 0;
  assert(count > 0);
  const ssize_t written = write(STDOUT_FILENO, letters, static_cast<size_t>(count));
  assert(written == count);
  return static_cast<int>(count);
}

// Prints the line that comes from `fd`.
Task Handle(int fd) {
  loop.Watch(fd);
  for (int letters = 0; letters < 2;) {
    co_await Readable(fd);
#ifdef DRAINED
    while (const int more = PrintSome(fd)) letters += more;
#else
    letters += PrintSome(fd);
#endif
  }
  loop.Forget(fd);
}

// Waits for the answer of Answer(), and does so without leaving the thread to anybody else.
Task AskAndBlock(int fd, int answers) {
  loop.Watch(fd);
  co_await Readable(fd);
  char letter = 0;
  const ssize_t count = read(answers, &letter, 1);
  assert(count == 1);
  loop.Forget(fd);
}

Task Answer(int fd, int answers) {
  loop.Watch(fd);
  co_await Readable(fd);
  const ssize_t count = write(answers, "!", 1);
  assert(count == 1);
  loop.Forget(fd);
}

void MakePipe(int ends[2]) {
  const int result = pipe(ends);
  assert(result == 0);
}

void SendLine(int fd, const char* line) {
  const ssize_t count = write(fd, line, 2);
  assert(count == 2);
}

int main() {
  int a[2];
  int b[2];
  MakePipe(a);
  MakePipe(b);
#ifdef DRAINED
  fcntl(a[0], F_SETFL, O_NONBLOCK);
  fcntl(b[0], F_SETFL, O_NONBLOCK);
#endif
  std::thread first(SendLine, a[1], "aA");
  std::thread second(SendLine, b[1], "bB");
#ifdef BLOCKS
  int answers[2];
  MakePipe(answers);
  AskAndBlock(a[0], answers[0]);
  Answer(b[0], answers[1]);
#else
  Handle(a[0]);
  Handle(b[0]);
#endif
  loop.Run();
  first.join();
  second.join();
}
