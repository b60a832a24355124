// One printf is one piece of output.
// csim: --outcomes
// expect: clean
// outcomes: "A1\nB1\n" "B1\nA1\n"
#include <cstdio>
#include <thread>

void Say(const char* who) { std::printf("%s%d\n", who, 1); }

int main() {
  std::thread a(Say, "A");
  std::thread b(Say, "B");
  a.join();
  b.join();
}
