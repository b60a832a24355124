// Two goroutines ask the same question, and main takes the first answer. The slower one waits for ever
// with its answer, since nobody receives: it leaks. Go says nothing, because somebody else is awake up to
// the end, and main's end ends it too; in a server it would stay. Main can ask whether all have ended:
// with -DASKS it waits for them, and then it is a deadlock. With a buffer (-DASKS -DBUFFERED) the
// slower one leaves its answer there and ends.
//
// csim: --outcomes
// expect: clean
// outcomes: "1\n" "2\n"
//
// csim: -DASKS
// expect: bug deadlock
//
// csim: --outcomes -DASKS -DBUFFERED
// expect: clean
// outcomes: "1\n" "2\n"
#include <csim/go.h>

#include <cstdio>

int main() {
  go::Main([] {
#ifdef BUFFERED
    const auto answers = go::MakeChan<int>(1);
#else
    const auto answers = go::MakeChan<int>();
#endif
    const go::WaitGroup asked;
    asked.Add(2);
    for (int i = 1; i <= 2; ++i) {
      go::Go([=] {
        answers.Send(i);
        asked.Done();
      });
    }
    std::printf("%d\n", answers.Receive());
#ifdef ASKS
    asked.Wait();
#endif
  });
}
