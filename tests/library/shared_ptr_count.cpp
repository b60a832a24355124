// Copies of a shared pointer are dropped in two threads; the last one deletes the object.
// csim: --outcomes
// expect: clean
// outcomes: "deleted\ndone\n"
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>

struct Object {
  ~Object() { std::puts("deleted"); }
  int value = 1;
};

int main() {
  {
    auto object = std::make_shared<Object>();
    std::thread other([copy = object]() mutable { copy.reset(); });
    object.reset();
    other.join();
  }
  std::puts("done");
}
