// A nil channel is never ready. In a select that is of use: a case whose channel is set to nil is
// switched off. Here `done` is, after the first time, or the loop would take it again and again. To
// receive from a nil channel outside of a select (-DALONE) is to wait for ever.
//
// csim: --outcomes
// expect: clean
// outcomes: "done\nvalue\n" "value\ndone\n"
//
// csim: -DALONE
// expect: bug deadlock
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
    auto done = go::MakeChan<bool>();
    const auto values = go::MakeChan<int>(1);
    values.Send(1);
#ifdef ALONE
    done = go::Chan<bool>();
    done.Receive();
#else
    done.Close();
    for (int i = 0; i < 2; ++i) {
      go::Select(go::Receive(done,
                             [&](bool) {
                               std::puts("done");
                               done = go::Chan<bool>();
                             }),
                 go::Receive(values, [](int) { std::puts("value"); }));
    }
#endif
  });
}
