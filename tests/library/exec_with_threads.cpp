// Executing a program ends the other threads of the process, whatever they do.
//
// csim: --strategy dpor --outcomes
// expect: clean
// outcomes: "new\n" "thread\nnew\n"
#include <unistd.h>

#include <cstdio>
#include <thread>

int main(int argc, char** argv) {
  if (argc > 1) {
    std::puts("new");
    return 0;
  }
  std::thread other([] { std::puts("thread"); });
  execl("/proc/self/exe", argv[0], "new", nullptr);
}
