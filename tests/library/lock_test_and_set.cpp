// A test-and-set lock with three threads: who waits spins without bound.
// expect: clean
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<bool> locked{false};
int inside = 0;

void Worker() {
  while (locked.exchange(true)) {
  }
  assert(++inside == 1);
  --inside;
  locked.store(false);
}

int main() {
  std::thread a(Worker);
  std::thread b(Worker);
  std::thread c(Worker);
  a.join();
  b.join();
  c.join();
}
