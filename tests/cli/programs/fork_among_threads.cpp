// A process forks while another of its threads holds a lock: in the child nobody will ever give it up.
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <thread>

std::mutex mutex;

int main() {
  std::thread other([] { std::lock_guard<std::mutex> lock(mutex); });
  const pid_t child = fork();
  if (child == 0) {
    std::lock_guard<std::mutex> lock(mutex);
    _exit(0);
  }
  other.join();
  waitpid(child, nullptr, 0);
}
