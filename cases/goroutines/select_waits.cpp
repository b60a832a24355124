// One goroutine serves two others by a select in a loop, and answers a third request on a channel that
// it sends to. Every value arrives exactly once, in either order. With -DLEAVES the server takes one
// value and goes: the other sender waits for ever, and so does main.
//
// csim: --outcomes
// expect: clean
// outcomes: "1 2 \n" "2 1 \n"
//
// csim: -DLEAVES
// expect: bug deadlock
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
    const auto odd = go::MakeChan<int>();
    const auto even = go::MakeChan<int>();
    const go::WaitGroup sent;
    sent.Add(2);
    go::Go([=] {
      odd.Send(1);
      sent.Done();
    });
    go::Go([=] {
      even.Send(2);
      sent.Done();
    });
    const auto print = [](int value) { std::printf("%d ", value); };
    go::Select(go::Receive(odd, print), go::Receive(even, print));
#ifndef LEAVES
    go::Select(go::Receive(odd, print), go::Receive(even, print));
#endif
    sent.Wait();
    std::putchar('\n');
  });
}
