// Threads do not run in the order in which they were started: the scheduler decides. Three threads
// write a letter each, and all six orders are possible. Starting A first promises nothing.
//
// csim: --outcomes
// expect: clean
// outcomes: "ABC\n" "ACB\n" "BAC\n" "BCA\n" "CAB\n" "CBA\n"
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

std::mutex mutex;
std::string order;  // guarded by mutex

void Arrive(char letter) {
  const std::lock_guard<std::mutex> lock(mutex);
  order += letter;
}

int main() {
  std::thread a(Arrive, 'A');
  std::thread b(Arrive, 'B');
  std::thread c(Arrive, 'C');
  a.join();
  b.join();
  c.join();
  std::printf("%s\n", order.c_str());
}
