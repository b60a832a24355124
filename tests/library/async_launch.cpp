// Two asynchronous sums, and one that is computed by whoever asks for it.
// csim: --outcomes
// expect: clean
// outcomes: "6\n"
#include <cstdio>
#include <future>

int main() {
  std::future<int> one = std::async(std::launch::async, [] { return 1; });
  std::future<int> two = std::async(std::launch::async, [] { return 2; });
  std::future<int> three = std::async(std::launch::deferred, [] { return 3; });
  std::printf("%d\n", one.get() + two.get() + three.get());
}
