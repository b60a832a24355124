// A virtual address means nothing without its process: after fork the same address leads to another
// page as soon as one of the two writes it. Parent and child write the same address at the same time,
// each to its own page, and there is no race; each reads what it wrote itself.
//
// csim: --outcomes
// expect: clean
// outcomes: "child sees 1, parent sees 2\n"
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>

int main() {
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert(memory != MAP_FAILED);
  int* value = static_cast<int*>(memory);

  const pid_t child = fork();
  if (child == 0) {
    *value = 1;
    _exit(*value);
  }
  *value = 2;
  int status = 0;
  waitpid(child, &status, 0);
  assert(WIFEXITED(status));
  dprintf(STDOUT_FILENO, "child sees %d, parent sees %d\n", WEXITSTATUS(status), *value);
}
