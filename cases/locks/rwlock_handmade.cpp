// A read-write lock made by hand, of a mutex and a condition variable, with priority for writers: a
// reader waits while a writer is inside or waits. The right version is clean. Each of the wrong ones
// has one of the mistakes that are made most often:
//   -DNOTIFY_ONE     wakes one waiter only; it may be the wrong one, and the others sleep for ever
//   -DIF             waits with `if` instead of `while`: the condition may be false again on waking
//   -DNO_MUTEX       the reader leaves without taking the mutex
//   -DREADER_FIRST   forgets the waiting writers: a reader passes one, and the assertion says so
//
// csim: --outcomes
// expect: clean
// outcomes: "2\n"
//
// csim: -DNOTIFY_ONE
// expect: bug deadlock
//
// csim: -DIF
// expect: bug assertion
//
// csim: -DNO_MUTEX
// expect: bug data-race
//
// csim: -DREADER_FIRST
// expect: bug assertion
#include <cassert>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

class ReadWriteLock {
 public:
  void LockShared() {
    std::unique_lock<std::mutex> lock(mutex_);
    Wait(lock, [this] { return ReaderMayEnter(); });
    assert(writers_waiting_ == 0);  // the rule: no reader passes a waiting writer
    ++readers_;
  }

  void UnlockShared() {
#ifndef NO_MUTEX
    const std::lock_guard<std::mutex> lock(mutex_);
#endif
    --readers_;
    Wake();
  }

  void Lock() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++writers_waiting_;
    Wait(lock, [this] { return !writing_ && readers_ == 0; });
    --writers_waiting_;
    assert(!writing_ && readers_ == 0);  // a writer is alone
    writing_ = true;
  }

  void Unlock() {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    Wake();
  }

 private:
  bool ReaderMayEnter() const {
#ifdef READER_FIRST
    return !writing_;
#else
    return !writing_ && writers_waiting_ == 0;
#endif
  }

  template <typename Condition>
  void Wait(std::unique_lock<std::mutex>& lock, Condition holds) {
#ifdef IF
    if (!holds()) changed_.wait(lock);
#else
    while (!holds()) changed_.wait(lock);
#endif
  }

  void Wake() {
#ifdef NOTIFY_ONE
    changed_.notify_one();
#else
    changed_.notify_all();
#endif
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;          // guarded by mutex_, as all below
  int writers_waiting_ = 0;
  bool writing_ = false;
};

ReadWriteLock rwlock;
int value = 0;  // guarded by rwlock

void Write() {
  rwlock.Lock();
  ++value;
  rwlock.Unlock();
}

int Read() {
  rwlock.LockShared();
  const int seen = value;
  rwlock.UnlockShared();
  return seen;
}

int main() {
  std::thread first(Write);
  std::thread second(Write);
  std::thread reader(Read);
  first.join();
  second.join();
  reader.join();
  std::printf("%d\n", Read());
}
