// The same coroutines, resumed by two threads. What needed no lock on one thread does now: two threads
// run the bodies of two coroutines at the same time, and one coroutine goes on on another thread than
// the one on which it began. With -DFIXED a mutex guards the balance; it is not held across a co_await,
// since the thread that goes on may be another one.
//
// csim: --outcomes
// expect: bug data-race balance
// outcomes: "-10\n" "10\n" "20\n"
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "10\n"
#include <condition_variable>
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

class Executor {
 public:
  void Post(std::coroutine_handle<> handle) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ready_.push_back(handle);
  }

  // Resumes whoever is ready until nobody is.
  void Run() {
    for (;;) {
      std::coroutine_handle<> next;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (ready_.empty()) return;
        next = ready_.front();
        ready_.pop_front();
      }
      next.resume();
    }
  }

 private:
  std::mutex mutex_;
  std::deque<std::coroutine_handle<>> ready_;  // guarded by mutex_
};

Executor executor;

struct Task {
  struct promise_type {
    Task get_return_object() {
      executor.Post(std::coroutine_handle<promise_type>::from_promise(*this));
      return {};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// co_await Turn{}: goes to the end of the queue.
struct Turn : std::suspend_always {
  void await_suspend(std::coroutine_handle<> me) { executor.Post(me); }
};

int balance = 0;
#ifdef FIXED
std::mutex balance_mutex;
#endif

void add(int amount) {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(balance_mutex);
#endif
  balance += amount;
}

Task transfer(int amount) {
  co_await Turn{};
  add(amount);
}

int main() {
  transfer(20);
  transfer(-10);
  std::thread other([] { executor.Run(); });
  executor.Run();
  other.join();
  std::printf("%d\n", balance);
}
