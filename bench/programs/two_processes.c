// Two processes increment a counter in shared memory under a mutex, twice each.
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct Shared {
  pthread_mutex_t mutex;
  int counter;
};

int main(void) {
  struct Shared* shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &attributes);
  const pid_t child = fork();
  for (int i = 0; i < 2; ++i) {
    pthread_mutex_lock(&shared->mutex);
    ++shared->counter;
    pthread_mutex_unlock(&shared->mutex);
  }
  if (child == 0) _exit(0);
  waitpid(child, 0, 0);
  return shared->counter != 4;
}
