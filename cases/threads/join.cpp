// Joining a thread orders everything it did before everything that comes after the join: the result
// needs no lock. Reading it before the join (-DEARLY) is a data race, and may print 0. Forgetting
// the join altogether (-DFORGOTTEN) ends the program: the destructor of a std::thread that is still
// joinable calls std::terminate.
//
// csim: --outcomes
// expect: clean
// outcomes: "42\n"
//
// csim: --outcomes -DEARLY
// expect: bug data-race result
// outcomes: "0\n" "42\n"
//
// csim: -DFORGOTTEN
// expect: bug misuse
#include <cstdio>
#include <thread>

int result = 0;

void Compute() { result = 42; }

int main() {
  std::thread worker(Compute);
#if defined(EARLY)
  std::printf("%d\n", result);
  worker.join();
#elif defined(FORGOTTEN)
  std::printf("main is done\n");
#else
  worker.join();
  std::printf("%d\n", result);
#endif
}
