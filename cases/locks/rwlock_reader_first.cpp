// A read-write lock that lets readers in whenever no writer is inside: reader first. A writer that waits
// is passed by as many readers as come ("writers-wait" grows with their number): writer starvation. With
// -DDEMAND_NOTES the program demands the rule of the notes that csim began with, which it does not keep.
// With -DNOTIFY_ONE the last one to leave wakes one waiter only: of several readers, the rest sleep on.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, readers-share holds
// properties: recursive-read holds, reader-first holds, writer-first violated
// properties: first-come-first-served violated, together-write-first violated, earlier-read-first holds
//
// csim: -DDEMAND_NOTES
// expect: bug property
// properties: together-write-first violated, earlier-read-first holds
//
// csim: -DNOTIFY_ONE
// expect: bug deadlock
// properties: deadlock-freedom violated
#include <csim/lock_spec.h>

#include <condition_variable>
#include <mutex>

class ReaderFirstLock {
 public:
  void lock_shared() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++readers_waiting_;
    while (writing_) changed_.wait(lock);
    --readers_waiting_;
    ++readers_;
  }
  void unlock_shared() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--readers_ == 0) Wake();
  }
  void lock() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (writing_ || readers_ > 0 || readers_waiting_ > 0) changed_.wait(lock);
    writing_ = true;
  }
  void unlock() {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    Wake();
  }

 private:
  void Wake() {
#ifdef NOTIFY_ONE
    changed_.notify_one();
#else
    changed_.notify_all();
#endif
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;  // guarded by mutex_, as all below
  int readers_waiting_ = 0;
  bool writing_ = false;
};

int main() {
#ifdef DEMAND_NOTES
  return csim::check_rwlock<ReaderFirstLock>(csim::rw_policy::notes);
#else
  return csim::check_rwlock<ReaderFirstLock>(csim::rw_policy::reader_first);
#endif
}
