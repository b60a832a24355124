// A loop that looks at a flag under a mutex gives the mutex up in between: whoever wants to set the flag
// gets it.
// csim: --outcomes
// expect: bug deadlock
#include <mutex>
#include <thread>

std::mutex mutex;
bool stop = false;

int main() {
  std::thread worker([] {
    for (;;) {
      std::lock_guard<std::mutex> lock(mutex);
      if (stop) return;
    }
  });
  std::lock_guard<std::mutex> lock(mutex);
  stop = true;
  worker.join();
}
