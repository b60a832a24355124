// An atomic increment reads, adds and writes in one step that nothing can come between: no race, no
// lost update. But atomic pieces do not make an atomic whole. With -DSPLIT the read and the write are
// atomic each on its own; the update between them is lost as before, this time without a data race:
// only the list of outcomes shows it.
//
// csim: --outcomes
// expect: clean
// outcomes: "2\n"
//
// csim: --outcomes -DSPLIT
// expect: clean
// outcomes: "1\n" "2\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic<int> counter{0};

void AddOne() {
#ifdef SPLIT
  counter.store(counter.load() + 1);
#else
  counter.fetch_add(1);
#endif
}

int main() {
  std::thread first(AddOne);
  std::thread second(AddOne);
  first.join();
  second.join();
  std::printf("%d\n", counter.load());
}
