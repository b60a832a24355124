// The queue lock of Craig, Landin and Hagersten: each task spins on the flag of the one before it, and
// takes that one's node for its next time. With -DKEEP_NODE a task uses its own node again at once,
// while the one behind it may not have looked yet: both wait for each other.
//
// expect: clean
// properties: mutual-exclusion holds, no-data-race holds, deadlock-freedom holds
// properties: first-come-first-served holds, overtaking holds
//
// csim: -DKEEP_NODE
// expect: bug livelock
// properties: mutual-exclusion holds, deadlock-freedom violated
#include <csim/lock_spec.h>

#include <atomic>

class ClhLock {
 public:
  ClhLock() {
    for (int i = 0; i < kTasks; ++i) mine_[i] = &nodes_[i];
    last_.store(&nodes_[kTasks]);
  }
  void lock() {
    const int me = csim::lock_slot();
    mine_[me]->taken.store(true, std::memory_order_relaxed);
    before_[me] = last_.exchange(mine_[me], std::memory_order_acq_rel);
    while (before_[me]->taken.load(std::memory_order_acquire)) {
    }
  }
  void unlock() {
    const int me = csim::lock_slot();
    mine_[me]->taken.store(false, std::memory_order_release);
#ifndef KEEP_NODE
    mine_[me] = before_[me];
#endif
  }

 private:
  static constexpr int kTasks = 3;
  struct Node {
    std::atomic<bool> taken{false};
  };
  Node nodes_[kTasks + 1];
  Node* mine_[kTasks];
  Node* before_[kTasks];
  std::atomic<Node*> last_;
};

int main() {
  csim::lock_options options;
  options.rounds = 2;
  options.fair = true;
  options.fairness_bound = 0;
  return csim::check_lock<ClhLock>(options);
}
