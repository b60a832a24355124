// Two phases: everybody sees what everybody wrote in the phase before.
// csim: --outcomes
// expect: clean
// outcomes: "1 1, phases 2\n"
#include <barrier>
#include <cstdio>
#include <thread>

int phases = 0;
int written[2] = {0, 0};
int seen[2] = {0, 0};

void CountPhase() noexcept { ++phases; }

std::barrier<void (*)() noexcept> meeting(2, CountPhase);

void Work(int me) {
  written[me] = 1;
  meeting.arrive_and_wait();
  seen[me] = written[1 - me];
  meeting.arrive_and_wait();
}

int main() {
  std::thread other(Work, 1);
  Work(0);
  other.join();
  std::printf("%d %d, phases %d\n", seen[0], seen[1], phases);
}
