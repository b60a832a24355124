// A panic that nobody recovers from ends the whole program, in whichever goroutine it happens; the
// deferred calls of that goroutine run before. A recover in main is no help, since a panic does not
// leave its goroutine. With -DRECOVERED the goroutine itself recovers, and the program goes on.
//
// csim: --outcomes
// expect: bug exception
// outcomes: "deferred\n"
//
// csim: --outcomes -DRECOVERED
// expect: clean
// outcomes: "deferred\nrecovered: no such account\nmain goes on\n"
#include <csim/go.h>

#include <cstdio>

void Withdraw() {
  const go::Defer deferred([] { std::puts("deferred"); });
  throw go::Panic("no such account");
}

void Goroutine(go::Chan<bool> done) {
#ifdef RECOVERED
  try {
    Withdraw();
  } catch (const go::Panic& panic) {
    std::printf("recovered: %s\n", panic.what());
  }
#else
  Withdraw();
#endif
  done.Send(true);
}

int main() {
  go::Main([] {
    const auto done = go::MakeChan<bool>();
    try {
      go::Go(Goroutine, done);
      done.Receive();
      std::puts("main goes on");
    } catch (const go::Panic& panic) {
      std::printf("main recovered: %s\n", panic.what());
    }
  });
}
