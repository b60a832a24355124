// The frame of the programs that measure the cost of detection: two threads do the same work, as often
// as the first argument says, so that the difference between two sizes is the work and nothing else.
#ifndef CSIM_BENCH_TWO_THREADS_H_
#define CSIM_BENCH_TWO_THREADS_H_

#include <cstdlib>
#include <thread>

// Calls work(thread, count) in each of two threads; `thread` is 0 or 1.
template <typename Work>
int TwoThreads(int argc, char** argv, Work work) {
  const long count = argc > 1 ? std::atol(argv[1]) : 1000;
  std::thread first(work, 0, count);
  std::thread second(work, 1, count);
  first.join();
  second.join();
  return 0;
}

#endif  // CSIM_BENCH_TWO_THREADS_H_
