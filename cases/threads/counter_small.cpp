// The lost update, small enough to see every outcome. `++counter` is a read, an addition and a
// write. If both threads read 0 before either of them writes, both write 1, and one increment is
// lost. csim lists all final values that any schedule can produce: 2, and 1.
//
// csim: --outcomes
// expect: bug data-race counter
// outcomes: "1\n" "2\n"
#include <cstdio>
#include <thread>

int counter = 0;

void AddOne() { ++counter; }

int main() {
  std::thread first(AddOne);
  std::thread second(AddOne);
  first.join();
  second.join();
  std::printf("%d\n", counter);
}
