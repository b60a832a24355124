// A static of a function is initialised once, whoever comes first.
// csim: --outcomes
// expect: clean
// outcomes: "1 made\n"
#include <cstdio>
#include <thread>

int made = 0;

struct Registry {
  Registry() { ++made; }
  int id = 1;
};

Registry& Only() {
  static Registry registry;
  return registry;
}

int main() {
  std::thread a([] { Only(); });
  std::thread b([] { Only(); });
  a.join();
  b.join();
  std::printf("%d made\n", made);
}
