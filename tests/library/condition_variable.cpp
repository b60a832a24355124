// A condition variable and its predicate.
// csim: --outcomes
// expect: clean
// outcomes: "1\n"
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

std::mutex mutex;
std::condition_variable changed;
int value = 0;

int main() {
  std::thread giver([] {
    const std::lock_guard<std::mutex> lock(mutex);
    value = 1;
    changed.notify_one();
  });
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [] { return value != 0; });
  std::printf("%d\n", value);
  lock.unlock();
  giver.join();
}
