// Dekker's lock without the turn: who finds that the other wants in too gives way, looks again, and wants in again. If both
// do so at the same time, always, neither gets in: a livelock. With -DTURN they give way in turns, which is Dekker's lock.
//
// expect: bug livelock
//
// csim: -DTURN
// expect: clean
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<bool> wants[2];
std::atomic<int> turn{0};
int inside = 0;

void Worker(int me) {
  const int other = 1 - me;
  wants[me] = true;
  while (wants[other]) {
#ifdef TURN
    if (turn == me) continue;
#endif
    wants[me] = false;
#ifdef TURN
    while (turn != me) {
    }
#endif
    wants[me] = true;
  }
  assert(++inside == 1);
  --inside;
  turn = other;
  wants[me] = false;
}

int main() {
  std::thread a(Worker, 0);
  std::thread b(Worker, 1);
  a.join();
  b.join();
}
