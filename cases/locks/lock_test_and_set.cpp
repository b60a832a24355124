// The smallest lock there is: whoever sets the flag first is inside. It excludes and nobody waits for
// ever that others wait for too, but a task that waits may be passed as often as others come. With
// -DRELAXED the flag is set and cleared without memory orders: nobody comes inside twice, but what one
// task wrote there the next one need not see. With -DCHECK_THEN_SET looking and setting are two steps.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, try-lock holds
// properties: first-come-first-served violated, overtaking holds
//
// csim: -DFAIR
// expect: bug starvation
//
// csim: -DRELAXED
// expect: bug data-race
// properties: mutual-exclusion holds, no-data-race violated
//
// csim: -DCHECK_THEN_SET
// expect: bug property
// properties: mutual-exclusion violated
#include <csim/lock_spec.h>

#include <atomic>

#ifdef RELAXED
constexpr auto kAcquire = std::memory_order_relaxed;
constexpr auto kRelease = std::memory_order_relaxed;
#else
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
#endif

class TestAndSetLock {
 public:
  void lock() {
    while (!try_lock()) {
    }
  }
  bool try_lock() {
#ifdef CHECK_THEN_SET
    if (taken_.load(kAcquire)) return false;
    taken_.store(true, kRelease);
    return true;
#else
    return !taken_.exchange(true, kAcquire);
#endif
  }
  void unlock() { taken_.store(false, kRelease); }

 private:
  std::atomic<bool> taken_{false};
};

int main() {
  csim::lock_options options;
#ifdef FAIR
  options.fairness_bound = 1;
#endif
  return csim::check_lock<TestAndSetLock>(options);
}
