// Gosched gives the processor up once, so that another goroutine may get it. It promises nothing: the
// other may have run before, may run now, or may still not run. A program that needs more than a hint
// receives from a channel, as with -DFIXED.
//
// csim: --outcomes
// expect: bug assertion
// outcomes: "" "goroutine\n" "goroutine\nmain\n"
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "goroutine\nmain\n"
#include <csim/go.h>

#include <atomic>
#include <cassert>
#include <cstdio>

std::atomic<bool> has_run{false};

int main() {
  go::Main([] {
    const auto done = go::MakeChan<bool>();
    go::Go([=] {
      std::puts("goroutine");
      has_run = true;
#ifdef FIXED
      done.Send(true);
#endif
    });
#ifdef FIXED
    done.Receive();
#else
    go::Gosched();
#endif
    assert(has_run);
    std::puts("main");
  });
}
