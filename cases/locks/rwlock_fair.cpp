// A read-write lock that serves in the order of arrival: each task takes a number; a reader enters when its
// number is called and calls the next one at once, a writer when it is called and nobody is inside.
// Nobody starves. With -DCALLS_EARLY a writer too calls the next number as soon as it has come inside.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, readers-share holds
// properties: recursive-read violated, reader-first violated, writer-first violated
// properties: first-come-first-served holds, together-write-first violated, earlier-read-first holds
//
// csim: -DCALLS_EARLY
// expect: bug property
// properties: mutual-exclusion violated
#include <csim/lock_spec.h>

#include <condition_variable>
#include <mutex>

class FairLock {
 public:
  void lock_shared() {
    std::unique_lock<std::mutex> lock(mutex_);
    const unsigned mine = next_++;
    while (called_ != mine) changed_.wait(lock);
    ++readers_;
    Call();
  }
  void unlock_shared() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }
  void lock() {
    std::unique_lock<std::mutex> lock(mutex_);
    const unsigned mine = next_++;
    while (called_ != mine || readers_ > 0) changed_.wait(lock);
#ifdef CALLS_EARLY
    Call();
#endif
  }
  void unlock() {
    const std::lock_guard<std::mutex> lock(mutex_);
#ifndef CALLS_EARLY
    Call();
#endif
  }

 private:
  void Call() {
    ++called_;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned next_ = 0;  // guarded by mutex_, as all below
  unsigned called_ = 0;
  int readers_ = 0;
};

int main() { return csim::check_rwlock<FairLock>(csim::rw_policy::first_come); }
