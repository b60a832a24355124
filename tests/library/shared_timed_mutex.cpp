// A reader that does not wait for ever.
// csim: --outcomes
// expect: clean
// outcomes: "0\n" "1\n" "timed out\n"
#include <chrono>
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <thread>

std::shared_timed_mutex mutex;
int value = 0;

int main() {
  std::thread writer([] {
    const std::unique_lock<std::shared_timed_mutex> lock(mutex);
    value = 1;
  });
  {
    const std::shared_lock<std::shared_timed_mutex> lock(mutex, std::chrono::seconds(1));
    if (lock.owns_lock()) {
      std::printf("%d\n", value);
    } else {
      std::puts("timed out");
    }
  }
  writer.join();
}
