// A jthread asks its thread to stop and joins it, both in its destructor.
// csim: --outcomes
// expect: clean
// outcomes: "stopped\n"
#include <atomic>
#include <cstdio>
#include <stop_token>
#include <thread>

int main() {
  {
    std::jthread worker([](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
    });
  }
  std::puts("stopped");
}
