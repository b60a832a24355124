// A ticket lock with three threads: who waits spins without bound.
// expect: clean
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<int> next_ticket{0};
std::atomic<int> now_serving{0};
int inside = 0;

void Worker() {
  const int mine = next_ticket.fetch_add(1);
  while (now_serving.load() != mine) {
  }
  assert(++inside == 1);
  --inside;
  now_serving.store(mine + 1);
}

int main() {
  std::thread a(Worker);
  std::thread b(Worker);
  std::thread c(Worker);
  a.join();
  b.join();
  c.join();
}
