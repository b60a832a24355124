// A recursive mutex may be taken twice by its holder.
// csim: --outcomes
// expect: clean
// outcomes: "4\n"
#include <cstdio>
#include <mutex>
#include <thread>

std::recursive_mutex mutex;
int value = 0;

void Add() {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  ++value;
}

void AddTwo() {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  Add();
  Add();
}

int main() {
  std::thread other(AddTwo);
  AddTwo();
  other.join();
  std::printf("%d\n", value);
}
