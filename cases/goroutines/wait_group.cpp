// A WaitGroup waits for those who were added before. Who adds itself (-DADD_INSIDE) may come too late:
// main finds the count 0, does not wait, and reads the sum while it is being written.
//
// csim: --outcomes
// expect: clean
// outcomes: "3\n"
//
// csim: -DADD_INSIDE
// expect: bug data-race sum
//
// csim: -DDONE_TWICE
// expect: bug exception
#include <csim/go.h>

#include <cstdio>

int sum = 0;  // guarded by the mutex in main

int main() {
  go::Main([] {
    const go::WaitGroup all;
    const go::Mutex mutex;
    for (int i = 1; i <= 2; ++i) {
#ifndef ADD_INSIDE
      all.Add(1);
#endif
      go::Go([=] {
#ifdef ADD_INSIDE
        all.Add(1);
#endif
        mutex.Lock();
        sum += i;
        mutex.Unlock();
        all.Done();
#ifdef DONE_TWICE
        all.Done();
#endif
      });
    }
    all.Wait();
    std::printf("%d\n", sum);
  });
}
