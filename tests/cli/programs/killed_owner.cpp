// A child is killed wherever it is while it changes two numbers that belong together, under a robust mutex.
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>

struct Pair {
  pthread_mutex_t mutex;
  int a;
  int b;
};

int main() {
  auto* pair = static_cast<Pair*>(
      mmap(nullptr, sizeof(Pair), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&pair->mutex, &attributes);
  const pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(&pair->mutex);
    ++pair->a;
    ++pair->b;
    pthread_mutex_unlock(&pair->mutex);
    _exit(0);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  if (pthread_mutex_lock(&pair->mutex) == EOWNERDEAD) {
#ifdef REPAIR
    pair->b = pair->a;
#endif
    pthread_mutex_consistent(&pair->mutex);
  }
  assert(pair->a == pair->b);
  pthread_mutex_unlock(&pair->mutex);
}
