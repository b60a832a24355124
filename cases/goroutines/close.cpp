// After Close a channel gives what is still in its buffer, and then, at once and for ever, zero and
// false. Sending on it panics, and so does closing it again. So only the sender may close, when it
// knows that nothing more will be sent: with -DBY_RECEIVER main closes when it has had enough, and the
// goroutine that is just sending panics.
//
// csim: --outcomes
// expect: clean
// outcomes: "7 true\n0 false\n0 false\n"
//
// csim: -DBY_RECEIVER
// expect: bug exception
//
// csim: -DTWICE
// expect: bug exception
#include <csim/go.h>

#include <cstdio>

void Print(const std::pair<int, bool>& received) {
  std::printf("%d %s\n", received.first, received.second ? "true" : "false");
}

int main() {
  go::Main([] {
    const auto values = go::MakeChan<int>();
    go::Go([=] {
      values.Send(7);
#ifdef BY_RECEIVER
      values.Send(8);
#else
      values.Close();
#endif
#ifdef TWICE
      values.Close();
#endif
    });
    Print(values.ReceiveOk());
#ifdef BY_RECEIVER
    values.Close();
#endif
    Print(values.ReceiveOk());
    Print(values.ReceiveOk());
  });
}
