// Memory that is mapped shared before the fork is one and the same for parent and child, and then two
// processes race as two threads do: an increment may get lost. A mutex helps if it is made for use
// between processes and lies in the shared memory (-DMUTEX); an atomic counter does too (-DATOMIC).
//
// csim: --outcomes
// expect: bug data-race
// outcomes: "1\n" "2\n"
//
// csim: --outcomes -DMUTEX
// expect: clean
// outcomes: "2\n"
//
// csim: --outcomes -DATOMIC
// expect: clean
// outcomes: "2\n"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <cstdio>
#include <new>

struct Shared {
  pthread_mutex_t mutex;
#ifdef ATOMIC
  std::atomic<int> counter{0};
#else
  int counter = 0;
#endif
};

Shared* MakeShared() {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert(memory != MAP_FAILED);
  Shared* shared = new (memory) Shared;
  pthread_mutexattr_t between_processes;
  pthread_mutexattr_init(&between_processes);
  pthread_mutexattr_setpshared(&between_processes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &between_processes);
  return shared;
}

void Count(Shared* shared) {
#ifdef MUTEX
  pthread_mutex_lock(&shared->mutex);
#endif
  ++shared->counter;
#ifdef MUTEX
  pthread_mutex_unlock(&shared->mutex);
#endif
}

int main() {
  Shared* shared = MakeShared();
  const pid_t child = fork();
  if (child == 0) {
    Count(shared);
    _exit(0);
  }
  Count(shared);
  waitpid(child, nullptr, 0);
  const int counter = shared->counter;
  dprintf(STDOUT_FILENO, "%d\n", counter);
}
