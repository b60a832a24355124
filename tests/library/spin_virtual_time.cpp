// In virtual time the sleep ends because the other task spins: what comes after the spin is explored.
// csim: --outcomes --timeouts virtual
// expect: clean
// outcomes: "seen\n"
//
// csim: --timeouts virtual -DWRONG
// expect: bug assertion
//
// csim: --timeouts virtual -DWRONG --strategy dpor
// expect: bug assertion
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <thread>

std::atomic<bool> flag{false};

int main() {
  std::thread spinner([] {
    while (!flag.load()) {
    }
#ifdef WRONG
    assert(!flag.load());
#endif
    std::puts("seen");
  });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  flag = true;
  spinner.join();
}
