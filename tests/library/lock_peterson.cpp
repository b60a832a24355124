// Peterson's lock: who waits spins without bound.
// expect: clean
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<bool> wants[2];
std::atomic<int> turn{0};
int inside = 0;

void Worker(int me) {
  const int other = 1 - me;
  wants[me].store(true);
  turn.store(other);
  while (wants[other].load() && turn.load() == other) {
  }
  assert(++inside == 1);
  --inside;
  wants[me].store(false);
}

int main() {
  std::thread a(Worker, 0);
  std::thread b(Worker, 1);
  a.join();
  b.join();
}
