// Like write_sequential, but each thread takes and releases a lock of its own after every round, so that
// a detector has not seen the accesses since the last synchronisation. One operation: one `a[i] += 1`.
#include <mutex>

#include "two_threads.h"

constexpr long kSize = 1 << 10;

void Work(int, long count) {
  int* a = new int[kSize]();
  std::mutex own;
  for (long i = 0; i < count; i += kSize) {
    for (long k = 0; k < kSize; ++k) a[(i + k) & (kSize - 1)] += 1;
    own.lock();
    own.unlock();
  }
  delete[] a;
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
