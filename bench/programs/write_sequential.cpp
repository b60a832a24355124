// Each thread reads and writes its own 64 KiB in order. One operation: one `a[i] += 1`.
#include "two_threads.h"

constexpr long kSize = 1 << 14;

void Work(int, long count) {
  int* a = new int[kSize]();
  for (long i = 0; i < count; ++i) a[i & (kSize - 1)] += 1;
  delete[] a;
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
