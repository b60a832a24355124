// Relaxed accesses ordered by fences.
// csim: --outcomes
// expect: clean
// outcomes: "4\n" "nothing\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic<int> flag{0};
int value = 0;

int main() {
  std::thread giver([] {
    value = 4;
    std::atomic_thread_fence(std::memory_order_release);
    flag.store(1, std::memory_order_relaxed);
  });
  if (flag.load(std::memory_order_relaxed) == 1) {
    std::atomic_thread_fence(std::memory_order_acquire);
    std::printf("%d\n", value);
  } else {
    std::puts("nothing");
  }
  giver.join();
}
