// Executes the program of its first argument in two children, which count in shared memory.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>
#include <mutex>
#include <thread>

std::mutex before_the_exec;
int global = 41;

int main(int argc, char** argv) {
  assert(argc >= 2);
  const int fd = memfd_create("counter", 0);
  assert(ftruncate(fd, 4096) == 0);
  auto* counter = static_cast<int*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  char number[16];
  snprintf(number, sizeof number, "%d", fd);
  const int children = argc > 2 ? 1 : 2;
  for (int i = 0; i < children; ++i) {
    if (fork() != 0) continue;
    before_the_exec.lock();
    execl(argv[1], argv[1], number, argc > 2 ? argv[2] : nullptr, nullptr);
    _exit(99);
  }
  int sum = 0;
  int status = 0;
  for (int i = 0; i < children; ++i) {
    assert(wait(&status) > 0);
    sum += WEXITSTATUS(status);
  }
  printf("%d counted, exit codes %d, global %d\n", *counter, sum, ++global);
}
