// A sleep of an hour costs no real time, and the clock shows it.
// csim: --outcomes --timeouts virtual
// expect: clean
// outcomes: "3600 s\n"
#include <chrono>
#include <cstdio>
#include <thread>

int main() {
  const auto start = std::chrono::steady_clock::now();
  std::thread sleeper([] { std::this_thread::sleep_for(std::chrono::hours(1)); });
  sleeper.join();
  const auto slept = std::chrono::steady_clock::now() - start;
  std::printf("%ld s\n",
              static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(slept).count()));
}
