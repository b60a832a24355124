// A lost wake-up: the waiter looks whether it has to wait before it takes the mutex. If all is done
// between that look and the wait, the signal finds nobody, and the waiter waits for ever. A signal is
// no message that is kept; what is waited for must be asked under the mutex that the wait gives up, as
// with -DFIXED.
//
// expect: bug lost-wakeup
//
// csim: -DFIXED
// expect: clean
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

std::mutex mutex;
std::condition_variable done_changed;
std::atomic<bool> done{false};

void Wait() {
#ifdef FIXED
  std::unique_lock<std::mutex> lock(mutex);
  while (!done) done_changed.wait(lock);
#else
  if (done) return;
  std::unique_lock<std::mutex> lock(mutex);
  done_changed.wait(lock);
#endif
}

void Finish() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  done = true;
  done_changed.notify_one();
}

int main() {
  std::thread waiter(Wait);
  std::thread finisher(Finish);
  waiter.join();
  finisher.join();
}
