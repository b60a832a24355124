// "fatal error: all goroutines are asleep - deadlock!": each of the two sends before it receives, and on
// unbuffered channels both wait for a receiver. With -DFIXED one of them receives first.
// (With a buffer of one place the program would get through, until somebody sends twice.)
//
// expect: bug deadlock
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "ping pong\n"
#include <csim/go.h>

#include <cstdio>
#include <string>

int main() {
  go::Main([] {
    const auto to_main = go::MakeChan<std::string>();
    const auto to_goroutine = go::MakeChan<std::string>();
    go::Go([=] {
#ifdef FIXED
      const std::string heard = to_goroutine.Receive();
      to_main.Send(heard + " pong");
#else
      to_main.Send("pong");
      to_goroutine.Receive();
#endif
    });
    to_goroutine.Send("ping");
    std::printf("%s\n", to_main.Receive().c_str());
  });
}
