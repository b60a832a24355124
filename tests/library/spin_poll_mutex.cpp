// Two tasks that look again and again whether something has happened, under a mutex.
// csim: --outcomes
// expect: clean
// outcomes: "3\n"
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

std::mutex mutex;
bool ready = false;
int value = 0;

bool Ready() {
  std::lock_guard<std::mutex> lock(mutex);
  return ready;
}

int main() {
  std::thread giver([] {
    std::lock_guard<std::mutex> lock(mutex);
    value = 3;
    ready = true;
  });
  std::thread other([] {
    while (!Ready()) {
    }
  });
  while (!Ready()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::printf("%d\n", value);
  giver.join();
  other.join();
}
