// A work-stealing queue as in the benchmarks of CHESS: its owner pushes and pops at one end, thieves
// steal at the other (Chase and Lev, SPAA 2005). Here the owner takes the last item without the
// compare-exchange that settles who gets it.
//
// The check fails if the owner and a thief take the same item.
#include <atomic>
#include <cassert>
#include <thread>

namespace {

constexpr int kItems = 4;
constexpr int kNothing = -1;
constexpr auto kRelaxed = std::memory_order_relaxed;

std::atomic<int> top{0};     // next item to be stolen
std::atomic<int> bottom{0};  // behind the last item
std::atomic<int> items[kItems];
std::atomic<int> taken[kItems];

void Push(int item) {
  const int b = bottom.load(kRelaxed);
  items[b].store(item, kRelaxed);
  bottom.store(b + 1, kRelaxed);
}

int Pop() {
  const int b = bottom.load(kRelaxed) - 1;
  bottom.store(b, kRelaxed);
  const int t = top.load(kRelaxed);
  if (b < t) {
    bottom.store(t, kRelaxed);
    return kNothing;
  }
  return items[b].load(kRelaxed);
}

int Steal() {
  int t = top.load(kRelaxed);
  if (bottom.load(kRelaxed) <= t) return kNothing;
  const int item = items[t].load(kRelaxed);
  return top.compare_exchange_strong(t, t + 1, kRelaxed) ? item : kNothing;
}

void Take(int item) {
  if (item == kNothing) return;
  const int before = taken[item].fetch_add(1, kRelaxed);
  assert(before == 0);
}

void Thief() {
  Take(Steal());
  Take(Steal());
}

}  // namespace

int main() {
  std::thread thief(Thief);
  for (int i = 0; i < kItems; i += 2) {
    Push(i);
    Push(i + 1);
    Take(Pop());
  }
  Take(Pop());
  Take(Pop());
  thief.join();
}
