// Two tasks take the mutex ROUNDS times each.
#include <mutex>
#include <thread>

std::mutex mutex;
int counter = 0;

void Work() {
  for (int i = 0; i < ROUNDS; ++i) {
    const std::lock_guard<std::mutex> lock(mutex);
    ++counter;
  }
}

int main() {
  std::thread first(Work);
  std::thread second(Work);
  first.join();
  second.join();
}
