// Two threads change a number, K times each: one execution of dfs for each of the (2K)! / (K! K!) orders.
// With BUG, one order in many fails an assertion.
#include <atomic>
#include <cassert>
#include <cstdio>
#include <thread>

#ifndef K
#define K 4
#endif

std::atomic<unsigned> number{1};

void Change(unsigned factor) {
  for (int i = 0; i < K; ++i) number.fetch_add(factor);
}

void Shift() {
  for (int i = 0; i < K; ++i) number.fetch_xor(1u << i);
}

int main() {
  std::thread first(Change, 3);
  std::thread second(Shift);
  first.join();
  second.join();
#ifdef BUG
  assert(K % 2 == 0 ? number % 16 != 12 : number % 8 != 3);
#endif
  std::printf("%u\n", number % 16);
}
