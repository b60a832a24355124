// A condition variable that waits with a shared lock.
// csim: --outcomes
// expect: clean
// outcomes: "1\n"
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <thread>

std::shared_mutex mutex;
std::condition_variable_any changed;
int value = 0;

int main() {
  std::thread giver([] {
    const std::unique_lock<std::shared_mutex> lock(mutex);
    value = 1;
    changed.notify_all();
  });
  {
    std::shared_lock<std::shared_mutex> lock(mutex);
    changed.wait(lock, [] { return value != 0; });
    std::printf("%d\n", value);
  }
  giver.join();
}
