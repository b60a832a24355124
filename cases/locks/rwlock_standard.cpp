// What the read-write locks of the standard libraries promise, decided property by property. The C++
// standard says nothing of who goes first; POSIX leaves it to the implementation, and glibc lets a program
// choose: readers first by default, writers first with the kind that does not allow recursive reads
// (-DPREFER_WRITER_NONRECURSIVE). Its kind PTHREAD_RWLOCK_PREFER_WRITER_NP (-DPREFER_WRITER) is readers
// first too, whatever its name says. std::shared_mutex is a pthread_rwlock_t with default attributes. csim's
// reader first, as POSIX, leaves open who is next when a writer leaves: that is why a reader that came before
// a writer may go after it.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds, readers-share holds
// properties: try-lock holds, timed-lock holds, try-lock-shared holds, timed-lock-shared holds
// properties: recursive-read holds, reader-first violated, writer-first violated
// properties: first-come-first-served violated, together-write-first violated, earlier-read-first violated
//
// csim: -DPREFER_READER
// expect: clean
// properties: readers-share holds, recursive-read holds, reader-first violated, writer-first violated
// properties: first-come-first-served violated, together-write-first violated, earlier-read-first violated
//
// csim: -DPREFER_WRITER
// expect: clean
// properties: readers-share holds, recursive-read holds, reader-first violated, writer-first violated
// properties: first-come-first-served violated, together-write-first violated, earlier-read-first violated
//
// csim: -DPREFER_WRITER_NONRECURSIVE
// expect: clean
// properties: readers-share holds, recursive-read violated, reader-first violated, writer-first holds
// properties: first-come-first-served violated, together-write-first holds, earlier-read-first violated
//
// csim: --rwlock-policy fair
// expect: clean
// properties: readers-share holds, recursive-read violated, reader-first violated, writer-first violated
// properties: first-come-first-served holds, together-write-first violated, earlier-read-first holds
#include <csim/lock_spec.h>
#include <pthread.h>

#include <shared_mutex>

#if defined(PREFER_READER)
constexpr int kKind = PTHREAD_RWLOCK_PREFER_READER_NP;
#elif defined(PREFER_WRITER)
constexpr int kKind = PTHREAD_RWLOCK_PREFER_WRITER_NP;
#else
constexpr int kKind = PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
#endif

class PthreadLock {
 public:
  PthreadLock() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, kKind);
    pthread_rwlock_init(&lock_, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
  ~PthreadLock() { pthread_rwlock_destroy(&lock_); }
  void lock() { pthread_rwlock_wrlock(&lock_); }
  bool try_lock() { return pthread_rwlock_trywrlock(&lock_) == 0; }
  void unlock() { pthread_rwlock_unlock(&lock_); }
  void lock_shared() { pthread_rwlock_rdlock(&lock_); }
  bool try_lock_shared() { return pthread_rwlock_tryrdlock(&lock_) == 0; }
  void unlock_shared() { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

int main() {
#if defined(PREFER_READER) || defined(PREFER_WRITER) || defined(PREFER_WRITER_NONRECURSIVE)
  return csim::check_rwlock<PthreadLock>();
#else
  return csim::check_rwlock<std::shared_timed_mutex>();
#endif
}
