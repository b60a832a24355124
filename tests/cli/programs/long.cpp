// More interleavings than anybody waits for; with -DLOOP, one that never ends.
#include <mutex>
#include <thread>
#include <vector>

int counter = 0;
std::mutex m;
volatile int spin;

void Count() {
#ifdef LOOP
  for (;;) spin = spin + 1;
#endif
  for (int i = 0; i < 100; ++i) {
    const std::lock_guard<std::mutex> lock(m);
    ++counter;
  }
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(Count);
  for (std::thread& t : threads) t.join();
}
