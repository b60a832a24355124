// A stop callback runs once, in the thread that requests the stop.
// csim: --outcomes
// expect: clean
// outcomes: "1\n"
#include <atomic>
#include <cstdio>
#include <stop_token>
#include <thread>

int main() {
  std::stop_source source;
  std::atomic<int> calls{0};
  std::stop_callback callback(source.get_token(), [&] { ++calls; });
  std::thread stopper([&] { source.request_stop(); });
  source.request_stop();
  stopper.join();
  std::printf("%d\n", calls.load());
}
