// Each thread reads and writes its own 1 MiB in random order. One operation: one `a[i] += 1`.
#include "two_threads.h"

constexpr long kSize = 1 << 18;

void Work(int thread, long count) {
  int* a = new int[kSize]();
  unsigned random = 12345u + static_cast<unsigned>(thread);
  for (long i = 0; i < count; ++i) {
    random = random * 1664525u + 1013904223u;
    a[random >> 14] += 1;
  }
  delete[] a;
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
