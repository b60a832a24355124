// Both threads increment one atomic. One operation: one `fetch_add`.
#include <atomic>

#include "two_threads.h"

std::atomic<long> counter;

void Work(int, long count) {
  for (long i = 0; i < count; ++i) counter.fetch_add(1);
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
