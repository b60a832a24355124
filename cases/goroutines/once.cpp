// Once runs the function once, and whoever comes meanwhile waits until it has ended. A flag that one
// asks and then sets (-DFLAG) runs it twice if both ask before one sets.
//
// csim: --outcomes
// expect: clean
// outcomes: "set up\n"
//
// csim: --outcomes -DFLAG
// expect: bug assertion
// outcomes: "set up\n" "set up\nset up\n"
#include <csim/go.h>

#include <atomic>
#include <cassert>
#include <cstdio>

std::atomic<int> times{0};
#ifdef FLAG
std::atomic<bool> is_set_up{false};
#endif

void SetUp() {
  std::puts("set up");
  ++times;
}

int main() {
  go::Main([] {
    const go::Once once;
    const auto Use = [=] {
#ifdef FLAG
      if (!is_set_up) SetUp();
      is_set_up = true;
#else
      once.Do(SetUp);
#endif
    };
    const auto done = go::MakeChan<bool>();
    go::Go([=] {
      Use();
      done.Send(true);
    });
    Use();
    done.Receive();
    assert(times == 1);
  });
}
