// The rule of the notes that csim began with: "if a read and a write come at the same time, the write goes
// first; if the read comes first and the write later, the write has no priority." A lock that only knows
// in which order its tasks came cannot keep both halves: of two that come together one is always noticed
// first, and if that is the read, it looks as if it had come first. A lock that looks at the clock can: who
// comes in the same tick comes at the same time. With -DORDER_ONLY it does without the clock: then the read
// that is noticed first goes first. With -DWRITERS_ONLY it lets writers pass all readers that wait.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, readers-share holds
// properties: reader-first violated, writer-first violated
// properties: together-write-first holds, earlier-read-first holds
//
// csim: -DORDER_ONLY
// expect: bug property
// properties: together-write-first violated, earlier-read-first holds
//
// csim: -DWRITERS_ONLY
// expect: bug property
// properties: together-write-first holds, earlier-read-first violated
#include <csim/lock_spec.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <tuple>

class NotesLock {
 public:
  void lock_shared() {
    std::unique_lock<std::mutex> lock(mutex_);
    Wait(lock, true);
    ++readers_;
    changed_.notify_all();  // another reader may be next
  }
  void unlock_shared() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }
  void lock() {
    std::unique_lock<std::mutex> lock(mutex_);
    Wait(lock, false);
    writing_ = true;
  }
  void unlock() {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    changed_.notify_all();
  }

 private:
  struct Request {
    long tick;
    bool reads;
    bool IsBefore(const Request& other) const {
#if defined(ORDER_ONLY)
      return false;
#elif defined(WRITERS_ONLY)
      return !reads && other.reads;
#else
      return std::tie(tick, reads) < std::tie(other.tick, other.reads);
#endif
    }
  };

  static long Now() {  // in ticks of a tenth of a second
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count() /
                             100);
  }

  // Until this request is the first, and may come in. The queue is in the order in which they are served.
  void Wait(std::unique_lock<std::mutex>& lock, bool reads) {
    const Request mine{Now(), reads};
    const auto behind = std::find_if(queue_.begin(), queue_.end(),
                                     [&](const Request& r) { return mine.IsBefore(r); });
    const auto place = queue_.insert(behind, mine);
    while (place != queue_.begin() || writing_ || (!reads && readers_ > 0)) changed_.wait(lock);
    queue_.erase(place);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Request> queue_;  // guarded by mutex_, as all below
  int readers_ = 0;
  bool writing_ = false;
};

int main() { return csim::check_rwlock<NotesLock>(csim::rw_policy::notes); }
