// An account written with Clang's thread-safety attributes. csim checks them at run time, in every execution
// that it explores, even where nobody else comes in between:
//   (none)        all rules are kept
//   -DPEEK        balance() forgets the lock
//   -DCALL        deposit() calls a function that requires the lock, without it
//   -DSHARED      interest() writes under a lock that it holds in shared mode only
//   -DPOINTER     what a pointer points to is guarded, not the pointer
//   -DSPIN        the same rules with a handmade lock: the lock given up too early
//   -DTWICE       a function that must not be called with the lock is
//
// expect: clean
//
// csim: -DPEEK
// expect: bug contract
//
// csim: -DCALL
// expect: bug contract
//
// csim: -DSHARED
// expect: bug contract
//
// csim: -DPOINTER
// expect: bug contract
//
// csim: -DSPIN
// expect: bug contract
//
// csim: -DTWICE
// expect: bug contract
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

#define CAPABILITY __attribute__((capability("mutex")))
#define SCOPED __attribute__((scoped_lockable))
#define GUARDED_BY(x) __attribute__((guarded_by(x)))
#define PT_GUARDED_BY(x) __attribute__((pt_guarded_by(x)))
#define REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
#define ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define TRY_ACQUIRE(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))

class CAPABILITY SpinLock {
 public:
  void lock() ACQUIRE() {
    while (taken_.exchange(true)) {
    }
  }
  bool try_lock() TRY_ACQUIRE(true) { return !taken_.exchange(true); }
  void unlock() RELEASE() { taken_ = false; }

 private:
  std::atomic<bool> taken_{false};
};

class SCOPED SpinLockHolder {
 public:
  explicit SpinLockHolder(SpinLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
  ~SpinLockHolder() RELEASE() { lock_.unlock(); }

 private:
  SpinLock& lock_;
};

class Account {
 public:
  explicit Account(int balance) : balance_(balance), log_(new int(0)) {}

  void deposit(int amount) EXCLUDES(mutex_) {
#ifndef CALL
    std::lock_guard<std::shared_mutex> lock(mutex_);
#endif
    add(amount);
#ifdef TWICE
    interest();
#endif
  }

  void interest() EXCLUDES(mutex_) {
#ifdef SHARED
    std::shared_lock<std::shared_mutex> lock(mutex_);
#else
    std::unique_lock<std::shared_mutex> lock(mutex_);
#endif
    balance_ += balance_ / 10;
  }

  int balance() const {
#ifndef PEEK
    std::shared_lock<std::shared_mutex> lock(mutex_);
#endif
    return balance_;
  }

  void count() {
#ifdef POINTER
    ++*log_;
#else
    std::unique_ptr<int>& log = log_;
    std::lock_guard<std::shared_mutex> lock(mutex_);
    ++*log;
    ++*log_;
#endif
  }

  void visit() {
    {
      SpinLockHolder holder(spin_);
      ++visits_;
    }
#ifndef SPIN
    if (!spin_.try_lock()) return;
    ++visits_;
    spin_.unlock();
#else
    spin_.lock();
    spin_.unlock();
    ++visits_;
#endif
  }

 private:
  void add(int amount) REQUIRES(mutex_) { balance_ += amount; }

  mutable std::shared_mutex mutex_;
  SpinLock spin_;
  int balance_ GUARDED_BY(mutex_);
  std::unique_ptr<int> log_ PT_GUARDED_BY(mutex_);
  int visits_ GUARDED_BY(spin_) = 0;
};

int main() {
  Account account(100);
  std::thread other([&] {
    account.deposit(10);
    account.visit();
  });
  account.visit();
  account.interest();
  account.count();
  const int seen = account.balance();
  other.join();
  return seen > 0 ? 0 : 1;
}
