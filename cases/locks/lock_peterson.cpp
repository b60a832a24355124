// Peterson's lock for two tasks: I want to, but after you. With -DPLAIN its variables are plain ones: in
// every order of their accesses it excludes, but these accesses are data races, and the compiler may
// reorder them. With -DWRONG_ORDER a task says "after you" before it says that it wants to.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds
// properties: first-come-first-served holds, overtaking holds
//
// csim: -DPLAIN
// expect: bug data-race
// properties: mutual-exclusion holds, no-data-race violated, deadlock-freedom holds
//
// csim: -DWRONG_ORDER
// expect: bug property
// properties: mutual-exclusion violated
#include <csim/lock_spec.h>

#include <atomic>

class PetersonLock {
 public:
  void lock() {
    const int me = csim::lock_slot();
    const int other = 1 - me;
#ifdef WRONG_ORDER
    last_ = me;
    wants_[me] = 1;
#else
    wants_[me] = 1;
    last_ = me;
#endif
    while (wants_[other] == 1 && last_ == me) {
    }
  }
  void unlock() { wants_[csim::lock_slot()] = 0; }

 private:
#ifdef PLAIN
  volatile int wants_[2] = {0, 0};
  volatile int last_ = 0;
#else
  std::atomic<int> wants_[2] = {0, 0};
  std::atomic<int> last_{0};
#endif
};

int main() {
  csim::lock_options options;
  options.tasks = 2;
  options.fair = true;
  options.fairness_bound = 0;
  return csim::check_lock<PetersonLock>(options);
}
