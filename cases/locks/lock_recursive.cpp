// A recursive lock: who is inside may lock again, and the others come in when it has unlocked as often. It
// is a plain lock and a note of who holds it. With -DFORGETS_DEPTH every unlock gives the lock back, also
// the inner one. With -DPLAIN_OWNER the note is a plain variable, which others read while it is written.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, try-lock holds
// properties: reentrant holds
//
// csim: -DFORGETS_DEPTH
// expect: bug misuse
// properties: mutual-exclusion holds, reentrant violated
//
// csim: -DPLAIN_OWNER
// expect: bug data-race
// properties: no-data-race violated, reentrant holds
#include <csim/lock_spec.h>

#include <atomic>
#include <mutex>

class RecursiveLock {
 public:
  void lock() {
    if (owner_ != Me()) {
      mutex_.lock();
      owner_ = Me();
    }
    ++depth_;
  }
  bool try_lock() {
    if (owner_ != Me()) {
      if (!mutex_.try_lock()) return false;
      owner_ = Me();
    }
    ++depth_;
    return true;
  }
  void unlock() {
    --depth_;
#ifndef FORGETS_DEPTH
    if (depth_ > 0) return;
#endif
    owner_ = kNobody;
    mutex_.unlock();
  }

 private:
  static constexpr int kNobody = -1;
  static int Me() { return csim::lock_slot(); }
  std::mutex mutex_;
#ifdef PLAIN_OWNER
  int owner_ = kNobody;
#else
  std::atomic<int> owner_{kNobody};
#endif
  int depth_ = 0;  // guarded by mutex_
};

int main() {
  csim::lock_options options;
  options.reentrant = true;
  return csim::check_lock<RecursiveLock>(options);
}
