// Main waits until both workers have counted down.
// csim: --outcomes
// expect: clean
// outcomes: "3\n"
#include <cstdio>
#include <latch>
#include <thread>

std::latch done(2);
int a = 0;
int b = 0;

int main() {
  std::thread first([] {
    a = 1;
    done.count_down();
  });
  std::thread second([] {
    b = 2;
    done.count_down();
  });
  done.wait();
  std::printf("%d\n", a + b);
  first.join();
  second.join();
}
