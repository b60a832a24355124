// Coroutines on one thread take turns only where they say so, at co_await. Between two of them nobody
// comes in between, so shared data needs no lock: the balance is read and written without one, and the
// outcome is one and always the same. With -DSUSPENDS there is a co_await between the reading and the
// writing, and that is where the other coroutine comes in: no data race, yet money is lost.
//
// csim: --outcomes
// expect: clean
// outcomes: "120\n"
//
// csim: --outcomes -DSUSPENDS
// expect: bug assertion
#include <cassert>
#include <coroutine>
#include <cstdio>
#include <deque>
#include <exception>

// Who is ready to go on, in order.
std::deque<std::coroutine_handle<>> ready;

struct Task {
  struct promise_type {
    Task get_return_object() {
      ready.push_back(std::coroutine_handle<promise_type>::from_promise(*this));
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
  void await_suspend(std::coroutine_handle<> me) { ready.push_back(me); }
};

int balance = 100;

Task deposit(int amount) {
  for (int i = 0; i < 2; ++i) {
    const int before = balance;
#ifdef SUSPENDS
    co_await Turn{};
#endif
    balance = before + amount;
    co_await Turn{};
  }
}

int main() {
  deposit(20);
  deposit(-10);
  while (!ready.empty()) {
    const std::coroutine_handle<> next = ready.front();
    ready.pop_front();
    next.resume();
  }
  std::printf("%d\n", balance);
  assert(balance == 120);
}
