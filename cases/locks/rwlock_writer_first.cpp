// A read-write lock that lets no reader in while a writer is inside or waits: writer first. Readers may
// starve instead ("readers-wait" grows with the number of writers), and who reads twice at a time may
// wait for itself. With -DFORGETS the waiting writers are counted, but nobody looks.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, readers-share holds
// properties: recursive-read violated, reader-first violated, writer-first holds
// properties: first-come-first-served violated, together-write-first holds, earlier-read-first violated
//
// csim: -DFORGETS
// expect: bug property
// properties: writer-first violated
#include <csim/lock_spec.h>

#include <condition_variable>
#include <mutex>

class WriterFirstLock {
 public:
  void lock_shared() {
    std::unique_lock<std::mutex> lock(mutex_);
#ifdef FORGETS
    while (writing_) changed_.wait(lock);
#else
    while (writing_ || writers_waiting_ > 0) changed_.wait(lock);
#endif
    ++readers_;
  }
  void unlock_shared() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }
  void lock() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++writers_waiting_;
    while (writing_ || readers_ > 0) changed_.wait(lock);
    --writers_waiting_;
    writing_ = true;
  }
  void unlock() {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;  // guarded by mutex_, as all below
  int writers_waiting_ = 0;
  bool writing_ = false;
};

int main() { return csim::check_rwlock<WriterFirstLock>(csim::rw_policy::writer_first); }
