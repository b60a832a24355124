// A buffered channel takes as many values as it has places without a receiver, in the order in which
// they are sent; the next Send waits. With -DTOO_SMALL the buffer has one place less, the second Send of
// main waits for a receiver, and there is none.
//
// csim: --outcomes
// expect: clean
// outcomes: "1 2\n"
//
// csim: -DTOO_SMALL
// expect: bug deadlock
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
#ifdef TOO_SMALL
    const auto values = go::MakeChan<int>(1);
#else
    const auto values = go::MakeChan<int>(2);
#endif
    values.Send(1);
    values.Send(2);
    const int first = values.Receive();
    const int second = values.Receive();
    std::printf("%d %d\n", first, second);
  });
}
