// A sleep is no synchronisation: the order is open.
// csim: --outcomes
// expect: clean
// outcomes: "fast first\n" "slow first\n"
//
// On the virtual clock it takes what it says.
// csim: --outcomes --timeouts virtual
// expect: clean
// outcomes: "fast first\n"
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

std::atomic<int> places{0};

int main() {
  int slow = 0;
  std::thread sleeper([&] {
    std::this_thread::sleep_for(std::chrono::seconds(10));
    slow = places++;
  });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const int fast = places++;
  sleeper.join();
  std::puts(fast < slow ? "fast first" : "slow first");
}
