// std::cout from two threads: the pieces of two lines may mix, but it is no race.
// csim: --outcomes
// expect: clean
// outcomes: "A\nB\n" "B\nA\n" "AB\n\n" "BA\n\n"
#include <iostream>
#include <thread>

void Say(const char* who) { std::cout << who << '\n'; }

int main() {
  std::thread a(Say, "A");
  std::thread b(Say, "B");
  a.join();
  b.join();
}
