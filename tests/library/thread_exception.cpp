// An exception that leaves a thread ends the program.
// csim: --outcomes
// expect: bug exception
#include <stdexcept>
#include <thread>

int main() {
  std::thread thrower([] { throw std::runtime_error("nobody catches this"); });
  thrower.join();
}
