// A thread-local object is destroyed at the end of its thread, before the join returns.
// csim: --outcomes
// expect: clean
// outcomes: "12\n"
#include <cstdio>
#include <thread>

int total = 0;

struct Sum {
  ~Sum() { total += value; }
  int value = 0;
};

thread_local Sum sum;

int main() {
  std::thread first([] { sum.value = 5; });
  first.join();
  std::thread second([] { sum.value = 7; });
  second.join();
  std::printf("%d\n", total);
}
