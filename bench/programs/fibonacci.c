// After fib_bench of the verification competition: two threads add each other's number to their own, N times.
#include <pthread.h>
#include <stdatomic.h>

#ifndef N
#define N 5
#endif

static atomic_int numbers[2] = {1, 1};

static void* add(void* argument) {
  const long own = (long)argument;
  for (int i = 0; i < N; ++i) {
    const int mine = atomic_load(&numbers[own]);
    const int other = atomic_load(&numbers[1 - own]);
    atomic_store(&numbers[own], mine + other);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[2];
  for (long i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, add, (void*)i);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return 0;
}
