// fork copies the process: from then on parent and child have a balance each, under the same name and
// at the same address. Both write it at the same time, and there is no race, since nothing is shared;
// neither sees what the other did. Threads (-DTHREAD) do share it.
//
// csim: --outcomes
// expect: clean
// outcomes: "child: 20\nparent: 110\n"
//
// csim: -DTHREAD
// expect: bug data-race balance
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

int balance = 100;

void Withdraw() {
  balance -= 80;
  dprintf(STDOUT_FILENO, "child: %d\n", balance);
}

int main() {
#ifdef THREAD
  std::thread child(Withdraw);
  balance += 10;
  child.join();
#else
  const pid_t child = fork();
  if (child == 0) {
    Withdraw();
    _exit(0);
  }
  balance += 10;
  waitpid(child, nullptr, 0);
#endif
  dprintf(STDOUT_FILENO, "parent: %d\n", balance);
}
