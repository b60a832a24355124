// A packaged task runs in a thread; its result arrives in a future.
// csim: --outcomes
// expect: clean
// outcomes: "42\n"
#include <cstdio>
#include <future>
#include <thread>
#include <utility>

int main() {
  std::packaged_task<int(int)> task([](int x) { return 2 * x; });
  std::future<int> result = task.get_future();
  std::thread worker(std::move(task), 21);
  std::printf("%d\n", result.get());
  worker.join();
}
