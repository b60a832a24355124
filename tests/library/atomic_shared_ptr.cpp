// A shared pointer replaced by one thread while another reads it.
// csim: --outcomes
// expect: clean
// outcomes: "1\n" "2\n"
#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>

std::atomic<std::shared_ptr<int>> current{std::make_shared<int>(1)};

int main() {
  std::thread writer([] { current.store(std::make_shared<int>(2)); });
  const std::shared_ptr<int> seen = current.load();
  writer.join();
  std::printf("%d\n", *seen);
}
