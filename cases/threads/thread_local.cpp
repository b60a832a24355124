// A thread-local variable is global in name, but each thread has a copy of its own: two threads add
// to `visits` without a lock and without a race, and neither sees what the other one did. Main's copy
// stays as it was. With -DSHARED the variable is an ordinary global, and the race is there.
//
// csim: --outcomes
// expect: clean
// outcomes: "first 2, second 3, main 0\n"
//
// csim: -DSHARED
// expect: bug data-race visits
#include <cstdio>
#include <thread>

#ifdef SHARED
int visits = 0;
#else
thread_local int visits = 0;
#endif

void Visit(int times, int* seen) {
  for (int i = 0; i < times; ++i) ++visits;
  *seen = visits;
}

int main() {
  int first_seen = 0;
  int second_seen = 0;
  std::thread first(Visit, 2, &first_seen);
  std::thread second(Visit, 3, &second_seen);
  first.join();
  second.join();
  std::printf("first %d, second %d, main %d\n", first_seen, second_seen, visits);
}
