// A condition_variable_any that waits with a stop token ends when the stop is requested.
// csim: --outcomes
// expect: clean
// outcomes: "0\n"
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <stop_token>
#include <thread>

std::mutex mutex;
std::condition_variable_any changed;
bool ready = false;
int seen = -1;

int main() {
  {
    std::jthread waiter([](std::stop_token stop) {
      std::unique_lock<std::mutex> lock(mutex);
      seen = changed.wait(lock, stop, [] { return ready; });
    });
  }
  std::printf("%d\n", seen);
}
