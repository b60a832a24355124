// Two readers whose turns overlap, so that the lock is never free. Under "reader first" the writer,
// who came at second 9, waits until the last reader has gone: writer starvation, for as long as there
// are readers. Under "writer first" and "fair" it is next as soon as those inside have left.
// Everything happens on the virtual clock; no real second is spent.
//
// csim: --outcomes --timeouts virtual --rwlock-policy reader
// expect: clean
// outcomes: "6 of 6 reads before the write\n"
//
// csim: --outcomes --timeouts virtual --rwlock-policy writer
// expect: clean
// outcomes: "2 of 6 reads before the write\n"
//
// csim: --outcomes --timeouts virtual --rwlock-policy fair
// expect: clean
// outcomes: "2 of 6 reads before the write\n"
//
// With --fairness csim says how often a task that waits is passed; --fairness=1 asks for at most once.
//
// csim: --fairness=1 --timeouts virtual --rwlock-policy reader
// expect: bug starvation shared_mutex
//
// csim: --fairness=1 --timeouts virtual --rwlock-policy writer
// expect: clean
//
// csim: --fairness=1 --timeouts virtual --rwlock-policy fair
// expect: clean
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <thread>

constexpr int kReadsEach = 3;

std::shared_mutex shared_mutex;
std::atomic<int> reads{0};
int reads_before_write = 0;  // guarded by shared_mutex

void Wait(int seconds) { std::this_thread::sleep_for(std::chrono::seconds(seconds)); }

// Reads for ten seconds, rests for four. The other reader is seven seconds behind.
void Read(int arrival) {
  Wait(arrival);
  for (int i = 0; i < kReadsEach; ++i) {
    {
      const std::shared_lock<std::shared_mutex> lock(shared_mutex);
      ++reads;
      Wait(10);
    }
    Wait(4);
  }
}

void Write() {
  Wait(9);
  const std::unique_lock<std::shared_mutex> lock(shared_mutex);
  reads_before_write = reads;
}

int main() {
  std::thread even(Read, 1);
  std::thread odd(Read, 8);
  std::thread writer(Write);
  even.join();
  odd.join();
  writer.join();
  std::printf("%d of %d reads before the write\n", reads_before_write, 2 * kReadsEach);
}
