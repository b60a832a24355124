// The lock-free queue of Michael and Scott (1996). pop reads the tail and then the head; that they are the same
// node does not yet mean that the queue is empty:
//   (none)   pop takes it for that, without the second check. Somebody else may have pushed and popped
//            since it read the tail: it says "none" although the queue was never empty
//   -DFIXED  the second check: only a node without a successor is the end of the queue. With two operations
//            of each thread that is proved at once; with three there are 260399 executions
//
// expect: bug linearizability
//
// csim: -DFIXED -DOPERATIONS=2
// expect: clean
#include <csim/linearizable.h>

#include <atomic>
#include <deque>
#include <optional>

#ifndef OPERATIONS
#define OPERATIONS 3
#endif

class Queue {
 public:
  Queue() : head_(new Node{}), tail_(head_.load()) {}
  ~Queue() {
    for (Node* node = first_; node != nullptr;) {
      Node* const next = node->next;
      delete node;
      node = next;
    }
  }

  void push(int value) {
    Node* const node = new Node{value};
    for (;;) {
      Node* tail = tail_;
      Node* next = tail->next;
      if (next != nullptr) {  // the tail lags behind: help it on
        tail_.compare_exchange_strong(tail, next);
      } else if (tail->next.compare_exchange_strong(next, node)) {
        tail_.compare_exchange_strong(tail, node);
        return;
      }
    }
  }

  std::optional<int> pop() {
    for (;;) {
      Node* tail = tail_;
      Node* head = head_;
      Node* const next = head->next;
#ifdef FIXED
      if (next == nullptr) return std::nullopt;
      if (head == tail) {  // or it seemed so when it was read
        tail_.compare_exchange_strong(tail, next);
        continue;
      }
#else
      if (head == tail) return std::nullopt;
      if (next == nullptr) continue;  // others have popped since
#endif
      const int value = next->value;
      if (head_.compare_exchange_strong(head, next)) return value;
    }
  }

 private:
  struct Node {
    int value = 0;
    std::atomic<Node*> next{nullptr};
    explicit Node(int v = 0) : value(v) {}
  };
  std::atomic<Node*> head_;  // the node before the first one that has not been popped
  std::atomic<Node*> tail_;
  Node* const first_ = head_;  // nodes are kept as long as the queue
};

struct Specification {
  std::deque<int> items;
  void push(int value) { items.push_back(value); }
  std::optional<int> pop() {
    if (items.empty()) return std::nullopt;
    const int value = items.front();
    items.pop_front();
    return value;
  }
  bool operator==(const Specification& other) const { return items == other.items; }
};

int main() {
  csim::check_linearizable<Queue, Specification>(
      {2, OPERATIONS}, csim::operation("push", [](auto& q, int value) { q.push(value); }, csim::fresh()),
      csim::operation("pop", [](auto& q) { return q.pop(); }));
}
