// The same page of a shared memory object, mapped by parent and child at different addresses. It is one
// piece of memory all the same, and so the two race on it. Parent and child find it by its name.
// With -DFIXED the parent waits for the child before it touches the page.
//
// csim: --outcomes
// expect: bug data-race
// outcomes: "1\n" "2\n"
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "2\n"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>

constexpr size_t kSize = 4096;

int* Map(const char* name) {
  const int fd = shm_open(name, O_RDWR, 0);
  assert(fd >= 0);
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  assert(memory != MAP_FAILED);
  close(fd);
  return static_cast<int*>(memory);
}

int main() {
  char name[64];
  std::snprintf(name, sizeof name, "/csim_case_%d", static_cast<int>(getpid()));
  const int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
  assert(fd >= 0);
  const int result = ftruncate(fd, kSize);
  assert(result == 0);
  int* counter = Map(name);

  const pid_t child = fork();
  if (child == 0) {
    int* mine = Map(name);  // the parent's mapping is inherited, so this one is elsewhere
    assert(mine != counter);
    ++*mine;
    _exit(0);
  }
#ifdef FIXED
  waitpid(child, nullptr, 0);
#endif
  ++*counter;
#ifndef FIXED
  waitpid(child, nullptr, 0);
#endif
  shm_unlink(name);
  dprintf(STDOUT_FILENO, "%d\n", *counter);
}
