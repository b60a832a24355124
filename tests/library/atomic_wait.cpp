// An atomic that is waited for.
// csim: --outcomes
// expect: clean
// outcomes: "9\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic<int> ready{0};
int value = 0;

int main() {
  std::thread giver([] {
    value = 9;
    ready.store(1);
    ready.notify_one();
  });
  ready.wait(0);
  std::printf("%d\n", value);
  giver.join();
}
