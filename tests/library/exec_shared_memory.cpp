// A program and one that it executes share memory by its name, and a mutex in it. Without the mutex they
// race.
//
// csim: --strategy dpor --outcomes
// expect: clean
// outcomes: "2\n"
//
// csim: --strategy dpor -DRACE
// expect: bug data-race
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>
#include <string>

struct Shared {
  pthread_mutex_t mutex;
  int count;
};

Shared* Map() {
  const int fd = shm_open("/csim_exec", O_RDWR, 0);
  assert(fd >= 0);
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  assert(memory != MAP_FAILED);
  return static_cast<Shared*>(memory);
}

void Add(Shared* shared) {
#ifndef RACE
  pthread_mutex_lock(&shared->mutex);
#endif
  ++shared->count;
#ifndef RACE
  pthread_mutex_unlock(&shared->mutex);
#endif
}

int main(int argc, char** argv) {
  if (argc > 1) {
    Add(Map());
    return 0;
  }
  const int fd = shm_open("/csim_exec", O_RDWR | O_CREAT | O_EXCL, 0600);
  assert(fd >= 0 && ftruncate(fd, sizeof(Shared)) == 0);
  Shared* shared = Map();
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &attributes);
  if (fork() == 0) {
    std::string name = argv[0];
    char worker[] = "worker";
    char* arguments[] = {name.data(), worker, nullptr};
    execvp(argv[0], arguments);
    _exit(1);
  }
  Add(shared);
  wait(nullptr);
  std::printf("%d\n", shared->count);
}
