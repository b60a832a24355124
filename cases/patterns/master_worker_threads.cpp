// Master and workers as threads: the master hands out jobs by number, each worker takes the next one
// until there are none left. Every job is done exactly once. With -DTWICE a worker looks which job is
// next and takes it in two steps: two workers look at the same number, and do the same job twice. With
// -DLOST a worker takes the number a second time after looking at it, and a job is skipped.
//
// csim: --outcomes
// expect: clean
// outcomes: "1 1 1\n"
//
// csim: -DTWICE
// expect: bug assertion
//
// csim: -DLOST
// expect: bug assertion
#include <atomic>
#include <cassert>
#include <cstdio>
#include <thread>

constexpr int kJobs = 3;
std::atomic<int> next_job{0};
std::atomic<int> times_done[kJobs];

// The number of a job that nobody else has; kJobs or more: there are none left.
int TakeJob() {
#if defined(TWICE)
  const int job = next_job;
  next_job = job + 1;
  return job;
#elif defined(LOST)
  return next_job < kJobs ? ++next_job : kJobs;
#else
  return next_job.fetch_add(1);
#endif
}

void Work() {
  for (int job = TakeJob(); job < kJobs; job = TakeJob()) {
    times_done[job].fetch_add(1, std::memory_order_relaxed);
  }
}

int main() {
  std::thread first(Work);
  std::thread second(Work);
  first.join();
  second.join();
  for (const std::atomic<int>& times : times_done) assert(times == 1);
  std::printf("%d %d %d\n", times_done[0].load(), times_done[1].load(), times_done[2].load());
}
