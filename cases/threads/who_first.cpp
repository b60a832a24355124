// Who gets the processor first, the thread that calls std::thread or the new one? Somebody measured
// 95 to 5 in favour of the old one. A frequency is not a rule: both orders exist, and a program must
// be right in both.
//
// csim: --outcomes
// expect: clean
// outcomes: "main first\n" "new thread first\n"
#include <atomic>
#include <cstdio>
#include <thread>

std::atomic<int> arrivals{0};

int main() {
  int place_of_new_thread = 0;
  std::thread runner([&] { place_of_new_thread = arrivals.fetch_add(1); });
  const int place_of_main = arrivals.fetch_add(1);
  runner.join();
  std::printf("%s first\n", place_of_main < place_of_new_thread ? "main" : "new thread");
}
