// Dekker's lock without the turn, in the lock design kit: whoever sees that the other wants in too steps back, and tries
// again. The two exclude each other, but they can step back and try again together for ever; `deadlock-freedom` (everyone
// who calls lock() comes inside) is violated by that livelock, with the cycle in its trace. With -DTURN the one whose
// turn it is stays.
//
// csim: --property deadlock-freedom
// expect: bug livelock
// properties: deadlock-freedom violated
//
// csim: --property deadlock-freedom -DTURN
// expect: clean
// properties: deadlock-freedom holds
#include <csim/lock_spec.h>

#include <atomic>
#include <thread>

class Lock {
 public:
  void lock() {
    const int me = Me();
    wants_[me] = true;
    while (wants_[1 - me]) {
#ifdef TURN
      if (turn_ == me) continue;
      wants_[me] = false;
      while (turn_ != me) std::this_thread::yield();
      wants_[me] = true;
#else
      wants_[me] = false;
      std::this_thread::yield();
      wants_[me] = true;
#endif
    }
  }
  void unlock() {
    turn_ = 1 - Me();
    wants_[Me()] = false;
  }

 private:
  static int Me() { return csim::lock_slot(); }

  std::atomic<bool> wants_[2]{};
  std::atomic<int> turn_{0};
};

int main() { csim::check_lock<Lock>({.tasks = 2}); }
