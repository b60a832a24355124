// Two threads, one initialisation; both see it.
// csim: --outcomes
// expect: clean
// outcomes: "1 7 7\n"
#include <cstdio>
#include <mutex>
#include <thread>

std::once_flag once;
int calls = 0;
int value = 0;

int Get() {
  std::call_once(once, [] {
    ++calls;
    value = 7;
  });
  return value;
}

int main() {
  int a = 0;
  std::thread other([&] { a = Get(); });
  const int b = Get();
  other.join();
  std::printf("%d %d %d\n", calls, a, b);
}
