// A mutex says nothing of who gets it next: a task that waits may be passed as often as the other comes. csim
// counts how often at most, over all executions: it grows with the number of rounds, so there is no bound.
// A lock that serves in order of arrival (lock_ticket.cpp) is passed never.
//
// csim: --fairness=1 -DROUNDS=1
// expect: clean
//
// csim: --fairness=1 -DROUNDS=2
// expect: bug starvation mutex
//
// csim: --fairness=2 -DROUNDS=2
// expect: clean
//
// csim: --fairness=2 -DROUNDS=3
// expect: bug starvation mutex
#include <mutex>
#include <thread>

std::mutex mutex;
int work_done = 0;  // guarded by mutex

void Work() {
  for (int round = 0; round < ROUNDS; ++round) {
    const std::lock_guard<std::mutex> lock(mutex);
    ++work_done;
  }
}

int main() {
  std::thread first(Work);
  std::thread second(Work);
  first.join();
  second.join();
}
