// Two threads each add 1 to a global counter a million times. "In theory flawed, yet the run showed
// no error": on most days the sum is right, and the bug goes unnoticed. csim reports the data race
// in the first execution, because no order binds the two threads, whatever the sum was that time.
//
// expect: bug data-race counter
#include <cstdio>
#include <thread>

constexpr int kIncrements = 1'000'000;

int counter = 0;

void AddMany() {
  for (int i = 0; i < kIncrements; ++i) ++counter;
}

int main() {
  std::thread first(AddMany);
  std::thread second(AddMany);
  first.join();
  second.join();
  std::printf("%d of %d\n", counter, 2 * kIncrements);
}
