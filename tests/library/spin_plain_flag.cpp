// A loop that reads a plain variable and nothing else: a race, although the loop has no scheduling point.
// csim: --outcomes
// expect: bug data-race ready
// outcomes: "3\n"
#include <cstdio>
#include <thread>

bool ready = false;
int value = 0;

int main() {
  std::thread giver([] {
    value = 3;
    ready = true;
  });
  while (!ready) {
  }
  std::printf("%d\n", value);
  giver.join();
}
