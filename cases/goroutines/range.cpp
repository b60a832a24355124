// A range over a channel takes values until the channel is closed and empty. If nobody closes it
// (-DNOT_CLOSED), the loop waits for one more value for ever: all goroutines are asleep.
//
// csim: --outcomes
// expect: clean
// outcomes: "1 4 9 \n"
//
// csim: -DNOT_CLOSED
// expect: bug deadlock
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
    const auto squares = go::MakeChan<int>();
    go::Go([=] {
      for (int i = 1; i <= 3; ++i) squares.Send(i * i);
#ifndef NOT_CLOSED
      squares.Close();
#endif
    });
    for (const int square : squares) std::printf("%d ", square);
    std::putchar('\n');
  });
}
