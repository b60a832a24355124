// Each thread calls a small function that is not inlined. One operation: one call that does `*x += 1`.
#include "two_threads.h"

__attribute__((noinline)) void Increment(long* x) {
  asm volatile("");  // else the compiler sees what all the calls amount to
  *x += 1;
}

void Work(int, long count) {
  long* x = new long(0);
  for (long i = 0; i < count; ++i) Increment(x);
  delete x;
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
