// Both threads increment one counter under one mutex. One operation: one lock, `++counter`, unlock.
#include <mutex>

#include "two_threads.h"

std::mutex mutex;
long counter;

void Work(int, long count) {
  for (long i = 0; i < count; ++i) {
    mutex.lock();
    ++counter;
    mutex.unlock();
  }
}

int main(int argc, char** argv) { return TwoThreads(argc, argv, Work); }
