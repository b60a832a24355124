// Three goroutines: the main one, one that runs a named function, and one that runs an anonymous one.
// They compete for the processor from the same line on, so the letters come in every order.
//
// csim: --outcomes
// expect: clean
// outcomes: "man" "mna" "amn" "anm" "nma" "nam"
#include <csim/go.h>

#include <cstdio>

void Named(go::WaitGroup done) {
  std::putchar('n');
  done.Done();
}

int main() {
  go::Main([] {
    const go::WaitGroup done;
    done.Add(2);
    go::Go(Named, done);
    go::Go([=] {
      std::putchar('a');
      done.Done();
    });
    std::putchar('m');
    done.Wait();
  });
}
