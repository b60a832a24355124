// A mutex cures the lost update: read, add and write happen while the mutex is held, so nobody can
// come between them. csim explores every order of the two critical sections and finds one outcome.
//
// csim: --outcomes
// expect: clean
// outcomes: "2\n"
#include <cstdio>
#include <mutex>
#include <thread>

std::mutex mutex;
int counter = 0;  // guarded by mutex

void AddOne() {
  const std::lock_guard<std::mutex> lock(mutex);
  ++counter;
}

int main() {
  std::thread first(AddOne);
  std::thread second(AddOne);
  first.join();
  second.join();
  std::printf("%d\n", counter);
}
