// A quicksort by a pool of threads, as "qsort_mt" of SCTBench is one: whoever has split a range hands
// one half to an idle thread, and the last thread to become idle says that all is sorted.
//
// The bug: a thread that was handed a range counts as idle until it has begun. If the one that
// handed it out finishes its own half before that, the end is announced too early.
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace {

constexpr int kThreads = 3;
constexpr int kSize = 10;
constexpr int kSmall = 3;  // shorter ranges are not split among threads
constexpr auto kRelaxed = std::memory_order_relaxed;

enum class State { kIdle, kHanded, kBusy, kEnd };
struct Worker {
  State state = State::kIdle;
  int begin = 0;
  int end = 0;
};

std::mutex mutex;
std::condition_variable changed;  // any of these, which are guarded by mutex
Worker workers[kThreads];
int idle = kThreads;
bool sorted = false;

std::atomic<int> values[kSize];

int At(int i) { return values[i].load(kRelaxed); }
void Swap(int i, int j) {
  const int value = At(i);
  values[i].store(At(j), kRelaxed);
  values[j].store(value, kRelaxed);
}

int Partition(int begin, int end) {
  const int pivot = At(end - 1);
  int middle = begin;
  for (int i = begin; i < end - 1; ++i) {
    if (At(i) < pivot) Swap(i, middle++);
  }
  Swap(middle, end - 1);
  return middle;
}

bool HandOut(int begin, int end) {
  std::unique_lock<std::mutex> lock(mutex);
  for (Worker& worker : workers) {
    if (worker.state != State::kIdle) continue;
    worker = {State::kHanded, begin, end};
    changed.notify_all();
    changed.wait(lock, [&] { return worker.state != State::kHanded; });
    return true;
  }
  return false;
}

void Sort(int begin, int end) {
  if (end - begin < 2) return;
  const int middle = Partition(begin, end);
  if (end - middle <= kSmall || !HandOut(middle + 1, end)) Sort(middle + 1, end);
  Sort(begin, middle);
}

void Work(Worker& self) {
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] { return self.state != State::kIdle; });
      if (self.state == State::kEnd) return;
      self.state = State::kBusy;
      changed.notify_all();
    }
    {
      const std::lock_guard<std::mutex> lock(mutex);
      --idle;
    }
    Sort(self.begin, self.end);
    const std::lock_guard<std::mutex> lock(mutex);
    self.state = State::kIdle;
    if (++idle < kThreads) continue;
    for (Worker& worker : workers) worker.state = State::kEnd;
    sorted = true;
    changed.notify_all();
  }
}

}  // namespace

int main() {
  const int unsorted[kSize] = {3, 9, 0, 6, 8, 1, 7, 2, 5, 4};
  for (int i = 0; i < kSize; ++i) values[i].store(unsorted[i], kRelaxed);
  std::thread threads[kThreads];
  for (int i = 0; i < kThreads; ++i) threads[i] = std::thread(Work, std::ref(workers[i]));
  {
    std::unique_lock<std::mutex> lock(mutex);
    workers[0] = {State::kHanded, 0, kSize};
    changed.notify_all();
    changed.wait(lock, [] { return sorted; });
  }
  for (int i = 0; i < kSize; ++i) assert(At(i) == i);
  for (std::thread& thread : threads) thread.join();
}
