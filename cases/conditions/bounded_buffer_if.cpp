// A bounded buffer that asks with `if` whether it has to wait. Who is woken gets the mutex some time
// later; until then another consumer may have taken the item, and the woken one takes from an empty
// buffer. The question must be asked again after every wait: with -DFIXED it is a `while`.
//
// expect: bug assertion
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: ""
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>

constexpr int kCapacity = 1;

std::mutex mutex;
std::condition_variable not_full;
std::condition_variable not_empty;
int items = 0;  // guarded by mutex

#ifdef FIXED
#define ASK while
#else
#define ASK if
#endif

void Put() {
  std::unique_lock<std::mutex> lock(mutex);
  ASK(items == kCapacity) not_full.wait(lock);
  assert(items < kCapacity);
  ++items;
  not_empty.notify_one();
}

void Take() {
  std::unique_lock<std::mutex> lock(mutex);
  ASK(items == 0) not_empty.wait(lock);
  assert(items > 0);
  --items;
  not_full.notify_one();
}

int main() {
  std::thread consumers[] = {std::thread(Take), std::thread(Take)};
  std::thread producers[] = {std::thread(Put), std::thread(Put)};
  for (std::thread& consumer : consumers) consumer.join();
  for (std::thread& producer : producers) producer.join();
}
