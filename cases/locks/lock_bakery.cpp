// Lamport's bakery: take a number greater than all others, wait for those with smaller ones. Two tasks may
// draw the same number, then the one with the smaller name goes first. With -DNO_CHOOSING nobody waits
// for a task that is just drawing its number: it may come out with one that is smaller.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds
// properties: first-come-first-served holds, overtaking holds
//
// csim: -DNO_CHOOSING
// expect: bug property
// properties: mutual-exclusion violated
#include <csim/lock_spec.h>

#include <atomic>

class BakeryLock {
 public:
  void lock() {
    const int me = csim::lock_slot();
    const int other = 1 - me;
    choosing_[me] = true;
    const int mine = number_[other] + 1;
    number_[me] = mine;
    choosing_[me] = false;
#ifndef NO_CHOOSING
    while (choosing_[other]) {
    }
#endif
    while (IsBefore(number_[other], other, mine, me)) {
    }
  }
  void unlock() { number_[csim::lock_slot()] = 0; }

 private:
  static bool IsBefore(int number, int task, int mine, int me) {
    return number != 0 && (number < mine || (number == mine && task < me));
  }
  std::atomic<bool> choosing_[2] = {false, false};
  std::atomic<int> number_[2] = {0, 0};  // 0: does not want to
};

int main() {
  csim::lock_options options;
  options.tasks = 2;
  options.rounds = 1;
  options.fair = true;
  options.fairness_bound = 0;
  return csim::check_lock<BakeryLock>(options);
}
