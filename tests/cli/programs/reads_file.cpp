// A race in a program that also does what a file tells it: csim does not record files.
#include <fstream>
#include <mutex>
#include <thread>

int shared = 0;
std::mutex m;

int main() {
  std::thread t([] { shared = 1; });
  if (std::ifstream("told.txt").good()) {
    const std::lock_guard<std::mutex> lock(m);  // when told
  }
  shared = 2;
  t.join();
}
