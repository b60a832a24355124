// The queue lock of Mellor-Crummey and Scott: each task spins on a flag of its own, which the one before
// it in the queue clears. With -DNO_WAIT_FOR_NEXT the holder leaves without waiting for a successor that
// is about to link itself behind it: that one is never woken.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds
// properties: first-come-first-served holds, overtaking holds
//
// csim: -DNO_WAIT_FOR_NEXT
// expect: bug livelock
// properties: mutual-exclusion holds, deadlock-freedom violated
#include <csim/lock_spec.h>

#include <atomic>

class McsLock {
 public:
  void lock() {
    Node& mine = nodes_[csim::lock_slot()];
    mine.next.store(nullptr, std::memory_order_relaxed);
    mine.waits.store(true, std::memory_order_relaxed);
    Node* const before = last_.exchange(&mine, std::memory_order_acq_rel);
    if (before == nullptr) return;
    before->next.store(&mine, std::memory_order_release);
    while (mine.waits.load(std::memory_order_acquire)) {
    }
  }
  void unlock() {
    Node& mine = nodes_[csim::lock_slot()];
    Node* next = mine.next.load(std::memory_order_acquire);
    if (next == nullptr) {
      Node* expected = &mine;
      if (last_.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel)) return;
#ifdef NO_WAIT_FOR_NEXT
      return;
#endif
      while ((next = mine.next.load(std::memory_order_acquire)) == nullptr) {
      }
    }
    next->waits.store(false, std::memory_order_release);
  }

 private:
  struct Node {
    std::atomic<Node*> next{nullptr};
    std::atomic<bool> waits{false};
  };
  Node nodes_[3];  // one for each task
  std::atomic<Node*> last_{nullptr};
};

int main() {
  csim::lock_options options;
  options.rounds = 2;
  options.fair = true;
  options.fairness_bound = 0;
  return csim::check_lock<McsLock>(options);
}
