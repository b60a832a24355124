// A semaphore made of a mutex and a condition variable, used as a lock. With -DIF it waits with `if`
// instead of `while`: between the signal and the waking somebody else may have taken the last unit.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, try-lock holds
// properties: timed-lock holds, first-come-first-served violated, overtaking holds
//
// csim: -DIF
// expect: bug property
// properties: mutual-exclusion violated
#include <csim/lock_spec.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

class Semaphore {
 public:
  explicit Semaphore(int units) : units_(units) {}
  void Acquire() {
    std::unique_lock<std::mutex> lock(mutex_);
#ifdef IF
    if (units_ == 0) more_.wait(lock);
#else
    while (units_ == 0) more_.wait(lock);
#endif
    --units_;
  }
  bool TryAcquire() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (units_ == 0) return false;
    --units_;
    return true;
  }
  bool TryAcquireFor(std::chrono::nanoseconds time) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!more_.wait_for(lock, time, [this] { return units_ != 0; })) return false;
    --units_;
    return true;
  }
  void Release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++units_;
    more_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  int units_;  // guarded by mutex_
};

class SemaphoreLock {
 public:
  void lock() { semaphore_.Acquire(); }
  bool try_lock() { return semaphore_.TryAcquire(); }
  bool try_lock_for(std::chrono::nanoseconds time) { return semaphore_.TryAcquireFor(time); }
  void unlock() { semaphore_.Release(); }

 private:
  Semaphore semaphore_{1};
};

int main() {
  csim::lock_options options;
  options.tasks = 3;
  options.rounds = 1;
  return csim::check_lock<SemaphoreLock>(options);
}
