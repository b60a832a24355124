// On an unbuffered channel who sends waits for who receives: when Send returns, the value has been
// taken, and everything before the receive in the receiver has happened. With a buffer (-DBUFFERED)
// Send returns as soon as there is room, and main reads `answer` while it is being written.
//
// csim: --outcomes
// expect: clean
// outcomes: "42\n"
//
// csim: --outcomes -DBUFFERED
// expect: bug data-race answer
// outcomes: "0\n" "42\n"
#include <csim/go.h>

#include <cstdio>

int answer = 0;

int main() {
  go::Main([] {
#ifdef BUFFERED
    const auto ready = go::MakeChan<bool>(1);
#else
    const auto ready = go::MakeChan<bool>();
#endif
    go::Go([=] {
      answer = 42;
      ready.Receive();
    });
    ready.Send(true);
    std::printf("%d\n", answer);
  });
}
