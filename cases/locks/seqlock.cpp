// A sequence lock: the writer makes the number odd while it changes things; a reader reads without any
// lock, and again if the number was odd or has changed meanwhile. Its ordering comes from fences. Wrong:
//   -DNO_FENCE     all is relaxed: that the number is right again says nothing of what it stands for, and
//                  what was written before is read with nothing to order the two
//   -DNO_RECHECK   the reader looks at the number before, but not after
//   -DONE_STEP     the writer counts once, when it is done, so that nobody sees that it is at work
// (csim's atomics are sequentially consistent in their values: a processor that delays a relaxed read
// beyond the second look, for want of the one fence between them, is not seen. What a missing fence means
// for plain data behind the lock is seen.)
//
// csim: --outcomes
// expect: clean
// outcomes: "alpha\n" "beta\n"
//
// csim: -DNO_FENCE
// expect: bug data-race
//
// csim: -DNO_RECHECK
// expect: bug assertion
//
// csim: -DONE_STEP
// expect: bug assertion
#include <atomic>
#include <cassert>
#include <cstdio>
#include <thread>

const char* texts[2] = {"alpha", nullptr};  // plain; what the pair stands for

class SequenceLock {
 public:
  void Publish(int value) {
#ifndef ONE_STEP
    number_.store(number_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    Fence(std::memory_order_release);
#endif
    first_.store(value, std::memory_order_relaxed);
    second_.store(value, std::memory_order_relaxed);
    Fence(std::memory_order_release);
    number_.store(number_.load(std::memory_order_relaxed) + kStep, std::memory_order_relaxed);
  }

  int Read() const {
    for (;;) {
      const unsigned before = number_.load(std::memory_order_relaxed);
      if (before % 2 != 0) continue;
      Fence(std::memory_order_acquire);
      const int first = first_.load(std::memory_order_relaxed);
      const int second = second_.load(std::memory_order_relaxed);
      Fence(std::memory_order_acquire);
#ifndef NO_RECHECK
      if (number_.load(std::memory_order_relaxed) != before) continue;
#endif
      assert(first == second);
      return first;
    }
  }

 private:
#ifdef ONE_STEP
  static constexpr unsigned kStep = 2;
#else
  static constexpr unsigned kStep = 1;
#endif
  static void Fence(std::memory_order order) {
#ifndef NO_FENCE
    std::atomic_thread_fence(order);
#else
    (void)order;
#endif
  }
  std::atomic<unsigned> number_{0};
  std::atomic<int> first_{0};
  std::atomic<int> second_{0};
};

SequenceLock pair;

int main() {
  std::thread writer([] {
    texts[1] = "beta";
    pair.Publish(1);
  });
  const int seen = pair.Read();
  std::printf("%s\n", texts[seen]);
  writer.join();
}
