// A coroutine waits for an answer or for a timeout, whichever comes first, and two threads bring them.
// Each of them resumes it: the second one resumes a coroutine that runs already, or that has gone
// on to somewhere else. That is a data race on the coroutine's own frame, where it keeps the place at
// which it will go on. With -DFIXED who comes first is asked, and the other one leaves it alone.
//
// expect: bug data-race
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "answer\n" "timeout\n"
#include <atomic>
#include <coroutine>
#include <cstdio>
#include <exception>
#include <thread>

struct Task {
  struct promise_type {
    Task get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

// What is waited for: the first of several events.
class FirstEvent {
 public:
  void Happen(const char* name) {
#ifdef FIXED
    if (has_happened_.exchange(true)) return;
#endif
    name_ = name;
    waiting_.resume();
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> me) { waiting_ = me; }
  const char* await_resume() const { return name_; }

 private:
#ifdef FIXED
  std::atomic<bool> has_happened_{false};
#endif
  std::atomic<const char*> name_{nullptr};
  std::coroutine_handle<> waiting_;
};

FirstEvent event;

Task request() {
  const char* name = co_await event;
  std::printf("%s\n", name);
}

int main() {
  Task task = request();
  std::thread network([] { event.Happen("answer"); });
  std::thread timer([] { event.Happen("timeout"); });
  network.join();
  timer.join();
  task.handle.destroy();
}
