// A process that is killed inside its critical section leaves the lock behind, locked: whoever wants it
// next waits for the dead. A robust mutex (-DROBUST) tells the next owner instead that the last one
// died (EOWNERDEAD), who then repairs what was left half done.
//
// expect: bug deadlock
//
// csim: -DSIGNAL=SIGTERM
// expect: bug deadlock
//
// csim: --outcomes -DROBUST
// expect: clean
// outcomes: "nothing to repair\n" "repaired\n"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>
#include <new>

#ifndef SIGNAL
#define SIGNAL SIGKILL
#endif

struct Shared {
  pthread_mutex_t mutex;
  int from = 100;  // guarded by mutex; from + to is always 100
  int to = 0;
};

Shared* MakeShared() {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert(memory != MAP_FAILED);
  Shared* shared = new (memory) Shared;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
#ifdef ROBUST
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
#endif
  pthread_mutex_init(&shared->mutex, &attributes);
  return shared;
}

int main() {
  Shared* shared = MakeShared();
  const pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(&shared->mutex);
    shared->from -= 10;
    shared->to += 10;
    pthread_mutex_unlock(&shared->mutex);
    _exit(0);
  }
  kill(child, SIGNAL);
  waitpid(child, nullptr, 0);

  const int error = pthread_mutex_lock(&shared->mutex);
  if (error == EOWNERDEAD) {
    shared->to = 100 - shared->from;
    pthread_mutex_consistent(&shared->mutex);
  }
  assert(shared->from + shared->to == 100);
  pthread_mutex_unlock(&shared->mutex);
  dprintf(STDOUT_FILENO, "%s\n", error == EOWNERDEAD ? "repaired" : "nothing to repair");
}
