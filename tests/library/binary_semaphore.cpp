// A binary semaphore as a signal: what came before the release is visible after the acquire.
// csim: --outcomes
// expect: clean
// outcomes: "5\n"
#include <cstdio>
#include <semaphore>
#include <thread>

std::binary_semaphore given(0);
int value = 0;

int main() {
  std::thread giver([] {
    value = 5;
    given.release();
  });
  given.acquire();
  std::printf("%d\n", value);
  giver.join();
}
