// Two readers of one shared future.
// csim: --outcomes
// expect: clean
// outcomes: "10\n"
#include <cstdio>
#include <future>
#include <thread>

int main() {
  std::promise<int> promise;
  const std::shared_future<int> future = promise.get_future().share();
  int a = 0;
  int b = 0;
  std::thread first([&a, future] { a = future.get(); });
  std::thread second([&b, future] { b = future.get(); });
  promise.set_value(5);
  first.join();
  second.join();
  std::printf("%d\n", a + b);
}
