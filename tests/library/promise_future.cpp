// A promise hands a value, or an exception, to a future; what was written before is visible after.
// csim: --outcomes
// expect: clean
// outcomes: "7 8 broken\n"
#include <cstdio>
#include <future>
#include <stdexcept>
#include <thread>

int before = 0;

int main() {
  std::promise<int> value;
  std::promise<int> failure;
  std::future<int> got = value.get_future();
  std::future<int> failed = failure.get_future();
  std::thread giver([&] {
    before = 8;
    value.set_value(7);
    failure.set_exception(std::make_exception_ptr(std::runtime_error("broken")));
  });
  const int v = got.get();
  const int b = before;
  try {
    failed.get();
  } catch (const std::runtime_error& e) {
    std::printf("%d %d %s\n", v, b, e.what());
  }
  giver.join();
}
