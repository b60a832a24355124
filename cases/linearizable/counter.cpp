// A counter that several threads increment and read. Each access is atomic, so there is no data race:
//   (none)       load, then store what was read plus one: an increment of another thread in between is
//                lost, and two increments give the same number
//   -DFETCH_ADD  right
//
// expect: bug linearizability
//
// csim: -DFETCH_ADD
// expect: clean
#include <csim/linearizable.h>

#include <atomic>

class Counter {
 public:
  int increment() {
#ifdef FETCH_ADD
    return value_.fetch_add(1) + 1;
#else
    const int value = value_.load() + 1;
    value_.store(value);
    return value;
#endif
  }
  int get() const { return value_.load(); }

 private:
  std::atomic<int> value_{0};
};

struct Specification {
  int value = 0;
  int increment() { return ++value; }
  int get() const { return value; }
  bool operator==(const Specification& other) const { return value == other.value; }
};

int main() {
  csim::check_linearizable<Counter, Specification>(
      {2, 3},  // threads, operations of each
      csim::operation("increment", [](auto& counter) { return counter.increment(); }),
      csim::operation("get", [](auto& counter) { return counter.get(); }));
}
