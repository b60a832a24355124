// N threads, each of which increments a counter under a mutex once.
#include <pthread.h>

#ifndef N
#define N 5
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void* increment(void* unused) {
  pthread_mutex_lock(&mutex);
  ++counter;
  pthread_mutex_unlock(&mutex);
  return unused;
}

int main(void) {
  pthread_t threads[N];
  for (int i = 0; i < N; ++i) pthread_create(&threads[i], NULL, increment, NULL);
  for (int i = 0; i < N; ++i) pthread_join(threads[i], NULL);
  return counter != N;
}
