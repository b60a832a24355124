// A loop whose flag nobody sets: it can spin for ever.
// csim: --outcomes
// expect: bug livelock
#include <atomic>
#include <thread>

std::atomic<bool> go{false};

int main() {
  std::thread waiter([] {
    while (!go.load()) {
    }
  });
  waiter.join();
}
