// The lock-free stack of Treiber (1986), which is linearizable as long as no node is used again. With -DSWAPPED
// pop takes the top off by a plain store, after a look at it: two pops may give the same value.
//
// csim: --strategy dpor
// expect: clean
//
// csim: -DSWAPPED
// expect: bug linearizability
#include <csim/linearizable.h>

#include <atomic>
#include <optional>
#include <vector>

class Stack {
 public:
  void push(int value) {
    Node* const node = new Node{value, top_};
    while (!top_.compare_exchange_strong(node->next, node)) {
    }
  }

  std::optional<int> pop() {
    Node* node = top_;
#ifdef SWAPPED
    if (node != nullptr) top_ = node->next;
#else
    while (node != nullptr && !top_.compare_exchange_strong(node, node->next)) {
    }
#endif
    if (node == nullptr) return std::nullopt;
    return node->value;
  }

 private:
  struct Node {  // never deleted
    int value;
    Node* next;
  };
  std::atomic<Node*> top_{nullptr};
};

struct Specification {
  std::vector<int> items;
  void push(int value) { items.push_back(value); }
  std::optional<int> pop() {
    if (items.empty()) return std::nullopt;
    const int value = items.back();
    items.pop_back();
    return value;
  }
  bool operator==(const Specification& other) const { return items == other.items; }
};

int main() {
  csim::check_linearizable<Stack, Specification>(
      {2, 3}, csim::operation("push", [](auto& s, int value) { s.push(value); }, csim::fresh()),
      csim::operation("pop", [](auto& s) { return s.pop(); }));
}
