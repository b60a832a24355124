// A queue that counts what has been pushed and what has been popped, so that size() need not take the lock:
//   (none)   it reads the two counters one after the other. A push and a pop in between, and it gives a
//            size that the queue never had
//   -DFIXED  it takes the lock
//
// expect: bug linearizability
//
// csim: --strategy dpor -DFIXED
// expect: clean
#include <csim/linearizable.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>

class CountedQueue {
 public:
  void push(int value) {
    std::lock_guard<std::mutex> lock(mutex_);
    items_.push_back(value);
    ++pushed_;
  }
  std::optional<int> pop() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (items_.empty()) return std::nullopt;
    const int value = items_.front();
    items_.pop_front();
    ++popped_;
    return value;
  }
  int size() const {
#ifdef FIXED
    std::lock_guard<std::mutex> lock(mutex_);
#endif
    const int popped = popped_;
    return pushed_ - popped;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<int> items_;
  std::atomic<int> pushed_{0};
  std::atomic<int> popped_{0};
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
  int size() const { return static_cast<int>(items.size()); }
  bool operator==(const Specification& other) const { return items == other.items; }
};

int main() {
  csim::check_linearizable<CountedQueue, Specification>(
      {2, 3}, csim::operation("push", [](auto& q, int value) { q.push(value); }, csim::fresh()),
      csim::operation("pop", [](auto& q) { return q.pop(); }),
      csim::operation("size", [](auto& q) { return q.size(); }));
}
