// A race, and the word for it.
//
// expect: bug data-race shared
#include <thread>

int shared = 0;

int main() {
  std::thread t([] { shared = 1; });
  shared = 2;
  t.join();
}
