// os.Exit ends the program at once, whoever calls it: no deferred call runs, neither of the goroutine
// that calls it nor of the main one. With -DGOEXIT only the goroutine ends, and deferred calls run.
//
// csim: --outcomes
// expect: clean
// outcomes: "goroutine\n"
//
// csim: --outcomes -DGOEXIT
// expect: clean
// outcomes: "goroutine\ngoroutine deferred\nmain deferred\n"
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
    const go::Defer main_deferred([] { std::puts("main deferred"); });
    const auto done = go::MakeChan<bool>();
    go::Go([=] {
      const go::Defer deferred([=] {
        std::puts("goroutine deferred");
        done.Send(true);
      });
      std::puts("goroutine");
#ifdef GOEXIT
      go::Goexit();
#else
      go::Exit(3);
#endif
    });
    done.Receive();
  });
}
