// After the "safe stack" that Dmitry Vyukov posted to the forum of CHESS: a lock-free stack of free
// cells, in which a cell that is being popped is marked by -1 as its successor.
//
// Two threads can own the same cell, but only in schedules with at least three threads and five
// preemptions. The check fails then.
#include <atomic>
#include <cassert>
#include <thread>
#include <vector>

namespace {

#ifndef N
#define N 3
#endif
constexpr int kRounds = 2;
constexpr auto kRelaxed = std::memory_order_relaxed;

struct Cell {
  std::atomic<int> owner{-1};
  std::atomic<int> next{-1};
};

std::atomic<int> head{0};
std::atomic<int> count{N};
Cell cells[N];

int Pop() {
  while (count.load(kRelaxed) > 1) {
    int first = head.load(kRelaxed);
    const int second = cells[first].next.exchange(-1, kRelaxed);
    if (second < 0) continue;
    int expected = first;
    if (head.compare_exchange_strong(expected, second, kRelaxed)) {
      count.fetch_sub(1, kRelaxed);
      return first;
    }
    cells[first].next.exchange(second, kRelaxed);
  }
  return -1;
}

void Push(int cell) {
  int first = head.load(kRelaxed);
  do {
    cells[cell].next.store(first, kRelaxed);
  } while (!head.compare_exchange_strong(first, cell, kRelaxed));
  count.fetch_add(1, kRelaxed);
}

void Work(int self) {
  for (int i = 0; i < kRounds; ++i) {
    int cell = Pop();
    while (cell < 0) cell = Pop();
    cells[cell].owner.store(self, kRelaxed);
    const int owner = cells[cell].owner.load(kRelaxed);
    assert(owner == self);
    Push(cell);
  }
}

}  // namespace

int main() {
  for (int i = 0; i + 1 < N; ++i) cells[i].next.store(i + 1, kRelaxed);
  std::vector<std::thread> threads;
  for (int i = 0; i < N; ++i) threads.emplace_back(Work, i);
  for (std::thread& thread : threads) thread.join();
}
