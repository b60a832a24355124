// select waits until one of its cases can be done. If several can, it takes any of them, whatever
// their order in the source: with both channels filled, both answers come. With -DDEFAULT it does not
// wait: if nothing has come yet, the default is taken.
//
// csim: --outcomes
// expect: clean
// outcomes: "from a\n" "from b\n"
//
// csim: --outcomes -DDEFAULT
// expect: clean
// outcomes: "from a\n" "nothing yet\n"
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
    const auto a = go::MakeChan<int>(1);
    const auto b = go::MakeChan<int>(1);
#ifdef DEFAULT
    go::Go([=] { a.Send(1); });
    go::Select(go::Receive(a, [](int) { std::puts("from a"); }),
               go::Default([] { std::puts("nothing yet"); }));
#else
    a.Send(1);
    b.Send(2);
    go::Select(go::Receive(a, [](int) { std::puts("from a"); }),
               go::Receive(b, [](int) { std::puts("from b"); }));
#endif
  });
}
