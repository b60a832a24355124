// Two that are too polite: each takes its lock, tries the other's, and gives its own back if that is taken, to begin
// anew. Nobody waits, so there is no deadlock; but they can go on like this for ever, step by step, though nobody
// is passed over: a livelock. With -DFIXED both take the locks in the same order. With -DONE_IS_STUBBORN only one of them gives way,
// which is enough too.
//
// expect: bug livelock
//
// csim: -DFIXED
// expect: clean
//
// csim: -DONE_IS_STUBBORN
// expect: clean
#include <mutex>
#include <thread>

std::mutex fork_mutex, spoon_mutex;
int meals = 0;

void Eat(std::mutex& first, std::mutex& second) {
  for (;;) {
    first.lock();
    if (second.try_lock()) break;
    first.unlock();  // after you
    std::this_thread::yield();
  }
  ++meals;
  second.unlock();
  first.unlock();
}

void EatStubbornly(std::mutex& first, std::mutex& second) {
  std::lock_guard<std::mutex> a(first);
  std::lock_guard<std::mutex> b(second);
  ++meals;
}

int main() {
  std::thread a(Eat, std::ref(fork_mutex), std::ref(spoon_mutex));
#if defined(FIXED)
  std::thread b(Eat, std::ref(fork_mutex), std::ref(spoon_mutex));
#elif defined(ONE_IS_STUBBORN)
  std::thread b(EatStubbornly, std::ref(spoon_mutex), std::ref(fork_mutex));
#else
  std::thread b(Eat, std::ref(spoon_mutex), std::ref(fork_mutex));
#endif
  a.join();
  b.join();
}
