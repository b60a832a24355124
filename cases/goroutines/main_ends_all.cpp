// When the main goroutine returns, the program ends, and all other goroutines with it: nobody waits
// for them. The line of the goroutine is printed in some executions and lost in others. With -DWAIT
// main receives from a channel, which the goroutine sends to as the last thing it does.
//
// csim: --outcomes
// expect: clean
// outcomes: "main\n" "goroutine\nmain\n" "main\ngoroutine\n"
//
// csim: --outcomes -DWAIT
// expect: clean
// outcomes: "goroutine\nmain\n" "main\ngoroutine\n"
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
    const auto done = go::MakeChan<bool>();
    go::Go([=] {
      std::puts("goroutine");
#ifdef WAIT
      done.Send(true);
#endif
    });
    std::puts("main");
#ifdef WAIT
    done.Receive();
#endif
  });
}
