// A file that includes what many programs with threads do; its own code is small.
#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

std::mutex mutex;
std::condition_variable ready;
std::vector<std::string> lines;
std::atomic<int> done;

void Put(int number) {
  std::lock_guard<std::mutex> lock(mutex);
  lines.push_back("line " + std::to_string(number));
  ++done;
  ready.notify_one();
}

int main() {
  std::thread first(Put, 1);
  std::thread second(Put, 2);
  {
    std::unique_lock<std::mutex> lock(mutex);
    ready.wait(lock, [] { return done == 2; });
    for (const std::string& line : lines) std::cout << line << "\n";
  }
  first.join();
  second.join();
}
