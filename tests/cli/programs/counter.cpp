// Two threads count to N each: with a race, with a mutex (-DMUTEX).
#include <cstdio>
#include <mutex>
#include <thread>

#ifndef N
#define N 1
#endif

int counter = 0;
std::mutex m;

void Count() {
  for (int i = 0; i < N; ++i) {
#ifdef MUTEX
    const std::lock_guard<std::mutex> lock(m);
#endif
    counter++;
  }
}

int main() {
  std::thread first(Count);
  std::thread second(Count);
  first.join();
  second.join();
  std::printf("%d\n", counter);
}
