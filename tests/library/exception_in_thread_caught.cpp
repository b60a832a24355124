// An exception thrown and caught inside each of two threads, and one carried over to main.
// csim: --outcomes
// expect: clean
// outcomes: "carried\n"
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>

int main() {
  std::exception_ptr carried;
  std::thread quiet([] {
    try {
      throw std::logic_error("kept");
    } catch (const std::logic_error&) {
    }
  });
  std::thread loud([&] {
    try {
      throw std::runtime_error("carried");
    } catch (...) {
      carried = std::current_exception();
    }
  });
  quiet.join();
  loud.join();
  try {
    std::rethrow_exception(carried);
  } catch (const std::runtime_error& e) {
    std::puts(e.what());
  }
}
