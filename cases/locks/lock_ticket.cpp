// Take a number, wait until it is called: first come, first served, and nobody is ever passed while
// waiting. With -DTWO_STEPS the number is taken by a load and a store, and two tasks get the same.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds
// properties: first-come-first-served holds, overtaking holds
//
// csim: -DTWO_STEPS
// expect: bug property
// properties: mutual-exclusion violated
#include <csim/lock_spec.h>

#include <atomic>

class TicketLock {
 public:
  void lock() {
#ifdef TWO_STEPS
    const unsigned mine = next_.load(std::memory_order_relaxed);
    next_.store(mine + 1, std::memory_order_relaxed);
#else
    const unsigned mine = next_.fetch_add(1, std::memory_order_relaxed);
#endif
    while (called_.load(std::memory_order_acquire) != mine) {
    }
  }
  void unlock() {
    called_.store(called_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  std::atomic<unsigned> next_{0};
  std::atomic<unsigned> called_{0};
};

int main() {
  csim::lock_options options;
  options.tasks = 3;
  options.rounds = 1;
  options.fair = true;
  options.fairness_bound = 0;
  return csim::check_lock<TicketLock>(options);
}
