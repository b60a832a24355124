// The same with a variable of main's frame and a yield in the loop.
// csim: --outcomes
// expect: bug data-race ready
// outcomes: "3\n"
#include <cstdio>
#include <thread>

int main() {
  bool ready = false;
  int value = 0;
  std::thread giver([&] {
    value = 3;
    ready = true;
  });
  while (!ready) std::this_thread::yield();
  std::printf("%d\n", value);
  giver.join();
}
