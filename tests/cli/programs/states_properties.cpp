// Locks checked by the lock design kit: std::mutex, one that never excludes (-DNONE), a mutex that pretends
// to be a read-write lock (-DALONE).
#include <csim/lock_spec.h>

#include <mutex>

struct None {
  void lock() {}
  void unlock() {}
};

struct Alone {
  void lock() { mutex.lock(); }
  void unlock() { mutex.unlock(); }
  void lock_shared() { mutex.lock(); }
  void unlock_shared() { mutex.unlock(); }
  std::mutex mutex;
};

int main() {
#if defined(NONE)
  return csim::check_lock<None>();
#elif defined(ALONE)
  return csim::check_rwlock<Alone>();
#else
  return csim::check_lock<std::mutex>();
#endif
}
