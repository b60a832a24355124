// Both threads read the same 64 KiB, written before they started. One operation: one `sum += table[i]`.
#include "two_threads.h"

constexpr long kSize = 1 << 14;
int table[kSize];
long sums[2 * 64];

void Work(int thread, long count) {
  long sum = 0;
  for (long i = 0; i < count; ++i) sum += table[i & (kSize - 1)];
  sums[thread * 64] = sum;
}

int main(int argc, char** argv) {
  for (long i = 0; i < kSize; ++i) table[i] = static_cast<int>(i);
  return TwoThreads(argc, argv, Work);
}
