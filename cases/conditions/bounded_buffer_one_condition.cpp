// A bounded buffer with one condition variable for both sides. notify_one may wake a thread of the
// wrong side: a producer that finds the buffer still full goes back to sleep, and the consumer for
// whom the signal was meant sleeps on. All wait for each other then. With -DFIXED each signal wakes
// all, and those who cannot go on wait again.
//
// expect: bug deadlock
//
// csim: -DFIXED
// expect: clean
#include <condition_variable>
#include <mutex>
#include <thread>

constexpr int kCapacity = 1;

std::mutex mutex;
std::condition_variable changed;
int items = 0;  // guarded by mutex

#ifdef FIXED
#define NOTIFY notify_all
#else
#define NOTIFY notify_one
#endif

void Put() {
  std::unique_lock<std::mutex> lock(mutex);
  while (items == kCapacity) changed.wait(lock);
  ++items;
  changed.NOTIFY();
}

void Take() {
  std::unique_lock<std::mutex> lock(mutex);
  while (items == 0) changed.wait(lock);
  --items;
  changed.NOTIFY();
}

int main() {
  std::thread consumers[] = {std::thread(Take), std::thread(Take)};
  std::thread producers[] = {std::thread(Put), std::thread(Put)};
  for (std::thread& consumer : consumers) consumer.join();
  for (std::thread& producer : producers) producer.join();
}
