// A lock taken by trying until it works.
// csim: --outcomes
// expect: clean
// outcomes: "2\n"
#include <cstdio>
#include <mutex>
#include <thread>

std::mutex mutex;
int value = 0;

void Add() {
  while (!mutex.try_lock()) std::this_thread::yield();
  ++value;
  mutex.unlock();
}

int main() {
  std::thread a(Add);
  std::thread b(Add);
  a.join();
  b.join();
  std::printf("%d\n", value);
}
