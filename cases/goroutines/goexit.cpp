// Goexit ends the goroutine that calls it, from however deep, and runs its deferred calls first, in the
// opposite order of their definition. `return` leaves one function only: with -DRETURN the goroutine
// goes on in its first function.
// Goexit of the main goroutine (-DMAIN) does not end the program: the others go on. When they have
// ended too, nobody is left, and that is a deadlock.
//
// csim: --outcomes
// expect: clean
// outcomes: "inner deferred\nouter deferred\n"
//
// csim: --outcomes -DRETURN
// expect: clean
// outcomes: "inner deferred\nouter goes on\nouter deferred\n"
//
// csim: --outcomes -DMAIN
// expect: bug deadlock
// outcomes: "main deferred\ninner deferred\nouter deferred\n" "inner deferred\nmain deferred\nouter deferred\n" "inner deferred\nouter deferred\nmain deferred\n"
#include <csim/go.h>

#include <cstdio>

void Inner() {
  const go::Defer deferred([] { std::puts("inner deferred"); });
#ifdef RETURN
  return;
#else
  go::Goexit();
#endif
}

void Outer() {
  const go::Defer deferred([] { std::puts("outer deferred"); });
  Inner();
  std::puts("outer goes on");
}

int main() {
  go::Main([] {
    const auto done = go::MakeChan<bool>(1);
    go::Go([=] {
      const go::Defer deferred([=] { done.Send(true); });
      Outer();
    });
#ifdef MAIN
    const go::Defer deferred([] { std::puts("main deferred"); });
    go::Goexit();
#endif
    done.Receive();
  });
}
