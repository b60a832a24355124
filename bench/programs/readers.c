// N threads read what one thread writes: 2^N traces.
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#ifndef N
#define N 16
#endif

static atomic_int value;

static void* read_it(void* unused) {
  (void)atomic_load(&value);
  return unused;
}

static void* write_it(void* unused) {
  atomic_store(&value, 1);
  return unused;
}

int main(void) {
  pthread_t threads[N + 1];
  pthread_create(&threads[N], NULL, write_it, NULL);
  for (int i = 0; i < N; ++i) pthread_create(&threads[i], NULL, read_it, NULL);
  for (int i = 0; i <= N; ++i) pthread_join(threads[i], NULL);
  return 0;
}
