// A mutex made of a futex (Drepper, "Futexes are tricky"): 0 free, 1 taken, 2 taken and somebody may wait,
// so that a lock nobody else wants costs no system call. With -DBROKEN, a first attempt: a task that was
// woken takes the lock as 1, as if it were the only one. Others that sleep are forgotten: when it leaves,
// it wakes nobody.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, try-lock holds
// properties: first-come-first-served violated, overtaking holds
//
// csim: -DBROKEN
// expect: bug deadlock
// properties: mutual-exclusion holds, deadlock-freedom violated
#include <csim/lock_spec.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

class FutexMutex {
 public:
  bool try_lock() {
    int expected = kFree;
    return word_.compare_exchange_strong(expected, kTaken);
  }

#ifndef BROKEN
  void lock() {
    if (try_lock()) return;
    while (word_.exchange(kContended) != kFree) Wait(kContended);
  }
  void unlock() {
    if (word_.exchange(kFree) == kContended) Wake();
  }
#else
  void lock() {
    while (!try_lock()) {
      int expected = kTaken;
      word_.compare_exchange_strong(expected, kContended);
      Wait(kContended);
    }
  }
  void unlock() {
    if (word_.exchange(kFree) == kContended) Wake();
  }
#endif

 private:
  static constexpr int kFree = 0;
  static constexpr int kTaken = 1;
  static constexpr int kContended = 2;

  // Sleeps if the word still has this value.
  void Wait(int value) {
    syscall(SYS_futex, reinterpret_cast<int*>(&word_), FUTEX_WAIT_PRIVATE, value, nullptr);
  }
  void Wake() { syscall(SYS_futex, reinterpret_cast<int*>(&word_), FUTEX_WAKE_PRIVATE, 1); }

  std::atomic<int> word_{kFree};
};

int main() {
  csim::lock_options options;
  options.tasks = 3;
  options.rounds = 1;
  return csim::check_lock<FutexMutex>(options);
}
