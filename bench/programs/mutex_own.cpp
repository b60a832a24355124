// Each thread locks and unlocks a mutex of its own. One operation: one lock and unlock.
#include <mutex>

#include "two_threads.h"

struct alignas(64) Own {
  std::mutex mutex;
};
Own owns[2];

void Work(int thread, long count) {
  for (long i = 0; i < count; ++i) {
    owns[thread].mutex.lock();
    owns[thread].mutex.unlock();
  }
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
