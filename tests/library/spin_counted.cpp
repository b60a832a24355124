// A loop that counts its rounds is no spin loop: it may give up at any time.
// csim: --outcomes
// expect: clean
// outcomes: "given\n" "gave up\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic<bool> ready{false};
int tries = 0;

int main() {
  std::thread giver([] { ready = true; });
  while (!ready && tries < 3) ++tries;
  std::puts(tries < 3 ? "given" : "gave up");
  giver.join();
}
