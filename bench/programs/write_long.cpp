// Like write_sequential with elements of 8 bytes. One operation: one `a[i] += 1`.
#include "two_threads.h"

constexpr long kSize = 1 << 13;

void Work(int, long count) {
  long* a = new long[kSize]();
  for (long i = 0; i < count; ++i) a[i & (kSize - 1)] += 1;
  delete[] a;
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
