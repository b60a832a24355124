// An initialisation that throws is tried again by the next caller.
// csim: --outcomes
// expect: clean
// outcomes: "1 thrown, value 7\n"
#include <atomic>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <thread>

std::once_flag once;
int calls = 0;
int value = 0;
std::atomic<int> thrown{0};

void Try() {
  try {
    std::call_once(once, [] {
      if (++calls == 1) throw std::runtime_error("first");
      value = 7;
    });
  } catch (const std::runtime_error&) {
    ++thrown;
  }
}

int main() {
  std::thread other(Try);
  Try();
  other.join();
  std::printf("%d thrown, value %d\n", thrown.load(), value);
}
