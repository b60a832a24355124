// A timed wait may end by the notification or by its time.
// csim: --outcomes
// expect: clean
// outcomes: "notified\n" "timed out\n"
//
// On the virtual clock nobody is late.
// csim: --outcomes --timeouts virtual
// expect: clean
// outcomes: "notified\n"
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

std::mutex mutex;
std::condition_variable changed;
bool ready = false;

int main() {
  std::thread giver([] {
    const std::lock_guard<std::mutex> lock(mutex);
    ready = true;
    changed.notify_one();
  });
  {
    std::unique_lock<std::mutex> lock(mutex);
    const bool notified = changed.wait_for(lock, std::chrono::seconds(1), [] { return ready; });
    std::puts(notified ? "notified" : "timed out");
  }
  giver.join();
}
