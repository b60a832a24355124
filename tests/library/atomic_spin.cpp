// A loop that waits for an atomic flag neither hangs nor multiplies executions.
// csim: --outcomes
// expect: clean
// outcomes: "3\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic<bool> ready{false};
int value = 0;

int main() {
  std::thread giver([] {
    value = 3;
    ready.store(true, std::memory_order_release);
  });
  while (!ready.load(std::memory_order_acquire)) {
  }
  std::printf("%d\n", value);
  giver.join();
}
