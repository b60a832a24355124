// Two processes increment a counter N times each: in shared memory, with a mutex if LOCK, or each its own (PRIVATE).
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstddef>

#ifdef PRIVATE
constexpr int kSharing = MAP_PRIVATE;
#else
constexpr int kSharing = MAP_SHARED;
#endif

int main() {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, kSharing | MAP_ANONYMOUS, -1, 0);
  assert(page != MAP_FAILED);
  auto* mutex = static_cast<pthread_mutex_t*>(page);
  auto* counter = reinterpret_cast<int*>(static_cast<char*>(page) + 2048);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(mutex, &attributes);
  const pid_t child = fork();
  for (int i = 0; i < N; ++i) {
#ifdef LOCK
    pthread_mutex_lock(mutex);
#endif
    ++*counter;
#ifdef LOCK
    pthread_mutex_unlock(mutex);
#endif
  }
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
#if defined LOCK
  assert(*counter == 2 * N);
#elif defined PRIVATE
  assert(*counter == N);
#endif
}
