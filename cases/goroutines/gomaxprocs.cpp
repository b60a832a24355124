// GOMAXPROCS sets how many processors take part, and gives the number before. One processor is no
// lock: a goroutine may lose it between the reading and the writing of ++counter, so the race is there
// all the same, and an increment may get lost. With -DFIXED a mutex guards the counter.
//
// csim: --outcomes
// expect: bug data-race counter
// outcomes: "1\n" "2\n"
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "2\n"
#include <csim/go.h>

#include <cassert>
#include <cstdio>

int counter = 0;

int main() {
  go::Main([] {
    const int all = go::GOMAXPROCS(1);
    assert(all >= 1 && go::GOMAXPROCS(0) == 1);

    const go::WaitGroup done;
    const go::Mutex mutex;
    done.Add(2);
    for (int i = 0; i < 2; ++i) {
      go::Go([=] {
#ifdef FIXED
        mutex.Lock();
#endif
        ++counter;
#ifdef FIXED
        mutex.Unlock();
#endif
        done.Done();
      });
    }
    done.Wait();
    std::printf("%d\n", counter);
  });
}
