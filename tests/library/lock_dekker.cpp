// Dekker's lock: who waits spins without bound, and gives way while it is not its turn.
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
  while (wants[other].load()) {
    if (turn.load() == me) continue;
    wants[me].store(false);
    while (turn.load() != me) {
    }
    wants[me].store(true);
  }
  assert(++inside == 1);
  --inside;
  turn.store(other);
  wants[me].store(false);
}

int main() {
  std::thread a(Worker, 0);
  std::thread b(Worker, 1);
  a.join();
  b.join();
}
