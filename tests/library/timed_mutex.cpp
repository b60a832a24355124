// A mutex for which one waits a second at most.
// csim: --outcomes
// expect: clean
// outcomes: "got it\n" "timed out\n"
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

std::timed_mutex mutex;
int value = 0;

int main() {
  std::thread holder([] {
    const std::lock_guard<std::timed_mutex> lock(mutex);
    ++value;
  });
  if (mutex.try_lock_for(std::chrono::seconds(1))) {
    ++value;
    mutex.unlock();
    std::puts("got it");
  } else {
    std::puts("timed out");
  }
  holder.join();
}
