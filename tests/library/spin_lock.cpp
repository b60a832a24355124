// A test-and-set lock.
// csim: --outcomes
// expect: clean
// outcomes: "2\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic_flag busy;
int value = 0;

void Add() {
  while (busy.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  ++value;
  busy.clear(std::memory_order_release);
}

int main() {
  std::thread a(Add);
  std::thread b(Add);
  a.join();
  b.join();
  std::printf("%d\n", value);
}
