// N philosophers at a round table, a fork between each two of them. Each takes the left fork, then
// the right one, and eats. If all take their left forks at once, nobody ever eats: a cycle of N tasks,
// each of which waits for the next. With -DORDERED the forks are numbered, and everybody takes the
// lower number first; then no cycle can close.
//
// csim: -DN=2
// expect: bug deadlock
// csim: -DN=3
// expect: bug deadlock
// csim: -DN=4
// expect: bug deadlock
// csim: -DN=5
// expect: bug deadlock
//
// csim: --outcomes -DN=2 -DORDERED
// expect: clean
// outcomes: "2 meals\n"
// csim: --outcomes -DN=3 -DORDERED
// expect: clean
// outcomes: "3 meals\n"
// csim: --outcomes -DN=4 -DORDERED
// expect: clean
// outcomes: "4 meals\n"
// csim: --outcomes -DN=5 -DORDERED
// expect: clean
// outcomes: "5 meals\n"
#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <thread>

#ifndef N
#define N 3
#endif

std::array<std::mutex, N> forks;
std::array<int, N> meals;  // each is touched by its philosopher, and by main after the joins

void Dine(int seat) {
  int first = seat;
  int second = (seat + 1) % N;
#ifdef ORDERED
  if (first > second) std::swap(first, second);
#endif
  const std::lock_guard<std::mutex> take_first(forks[first]);
  const std::lock_guard<std::mutex> take_second(forks[second]);
  ++meals[seat];
}

int main() {
  std::array<std::thread, N> philosophers;
  for (int seat = 0; seat < N; ++seat) philosophers[seat] = std::thread(Dine, seat);
  for (std::thread& philosopher : philosophers) philosopher.join();
  int sum = 0;
  for (const int m : meals) sum += m;
  std::printf("%d meals\n", sum);
}
