// Treiber's stack without locks: to pop, read the top and what is below it, then swing the top by a
// compare-exchange. It compares names, not histories: while one task stands between reading and
// swinging, another may pop A, pop B, and push A again; the top is A as before, the exchange succeeds,
// and makes B the top, which is somebody else's by now (the ABA problem). The cure is a number beside the
// name that counts every change. With -DNO_TAG there is none.
//
// csim: --outcomes
// expect: clean
// outcomes: "3 nodes\n"
//
// csim: -DNO_TAG
// expect: bug assertion
#include <atomic>
#include <cassert>
#include <cstdint>
#include <cstdio>
#include <thread>

constexpr uint32_t kNodes = 3;
constexpr uint32_t kNone = kNodes;

class Stack {
 public:
  Stack() {
    for (uint32_t node = 0; node < kNodes; ++node) next_[node] = node + 1;
  }
  // kNone if it is empty.
  uint32_t Pop() {
    uint64_t top = top_.load();
    while (NodeOf(top) != kNone) {
      const uint32_t below = next_[NodeOf(top)].load();
      if (top_.compare_exchange_strong(top, Changed(top, below))) return NodeOf(top);
    }
    return kNone;
  }
  void Push(uint32_t node) {
    uint64_t top = top_.load();
    do {
      next_[node].store(NodeOf(top));
    } while (!top_.compare_exchange_strong(top, Changed(top, node)));
  }

 private:
  static uint32_t NodeOf(uint64_t top) { return static_cast<uint32_t>(top); }
  static uint64_t Changed(uint64_t top, uint32_t node) {
#ifdef NO_TAG
    return node;
#else
    return ((top >> 32) + 1) << 32 | node;
#endif
  }
  std::atomic<uint64_t> top_{0};  // number of changes, and the top node
  std::atomic<uint32_t> next_[kNodes];
};

Stack stack;
std::atomic<bool> owned[kNodes];

uint32_t Take() {
  const uint32_t node = stack.Pop();
  assert(node == kNone || !owned[node].exchange(true));  // nobody else has it
  return node;
}

void GiveBack(uint32_t node) {
  owned[node] = false;
  stack.Push(node);
}

int main() {
  std::thread slow([] { GiveBack(Take()); });
  const uint32_t a = Take();
  const uint32_t b = Take();
  if (a != kNone) GiveBack(a);
  slow.join();
  uint32_t count = b != kNone ? 1 : 0;
  while (Take() != kNone) ++count;
  std::printf("%u nodes\n", count);
}
