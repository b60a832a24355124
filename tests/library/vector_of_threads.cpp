// Threads in a vector, each with a slot of a vector of its own: neighbours, but no race.
// csim: --outcomes
// expect: clean
// outcomes: "0 1 4\n"
#include <cstddef>
#include <cstdio>
#include <thread>
#include <vector>

int main() {
  std::vector<std::size_t> squares(3);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < squares.size(); ++i) {
    threads.emplace_back([&squares, i] { squares[i] = i * i; });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%zu %zu %zu\n", squares[0], squares[1], squares[2]);
}
