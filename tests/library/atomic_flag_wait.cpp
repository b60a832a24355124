// An atomic flag that is waited for.
// csim: --outcomes
// expect: clean
// outcomes: "9\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic_flag ready;
int value = 0;

int main() {
  std::thread giver([] {
    value = 9;
    ready.test_and_set();
    ready.notify_all();
  });
  ready.wait(false);
  std::printf("%d\n", value);
  giver.join();
}
