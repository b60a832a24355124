// A plain int made atomic for a while.
// csim: --outcomes
// expect: clean
// outcomes: "2\n"
#include <atomic>
#include <cstdio>
#include <thread>

int value = 0;

void Add() { std::atomic_ref<int>(value).fetch_add(1); }

int main() {
  std::thread a(Add);
  std::thread b(Add);
  a.join();
  b.join();
  std::printf("%d\n", value);
}
