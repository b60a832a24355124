// Two of three may be inside at once.
// csim: --outcomes
// expect: clean
// outcomes: "ok\n"
#include <atomic>
#include <cassert>
#include <cstdio>
#include <semaphore>
#include <thread>

std::counting_semaphore<2> places(2);
std::atomic<int> inside{0};

void Enter() {
  places.acquire();
  const int now = ++inside;
  assert(now <= 2);
  --inside;
  places.release();
}

int main() {
  std::thread a(Enter);
  std::thread b(Enter);
  Enter();
  a.join();
  b.join();
  std::puts("ok");
}
