// N philosophers who all take the fork with the smaller number first.
#include <pthread.h>

#ifndef N
#define N 5
#endif

static pthread_mutex_t forks[N];
static int meals[N];

static void* dine(void* argument) {
  const long seat = (long)argument;
  const long next = (seat + 1) % N;
  const long first = seat < next ? seat : next;
  const long second = seat < next ? next : seat;
  pthread_mutex_lock(&forks[first]);
  pthread_mutex_lock(&forks[second]);
  ++meals[seat];
  pthread_mutex_unlock(&forks[second]);
  pthread_mutex_unlock(&forks[first]);
  return NULL;
}

int main(void) {
  pthread_t threads[N];
  for (int i = 0; i < N; ++i) pthread_mutex_init(&forks[i], NULL);
  for (long i = 0; i < N; ++i) pthread_create(&threads[i], NULL, dine, (void*)i);
  for (int i = 0; i < N; ++i) pthread_join(threads[i], NULL);
  return 0;
}
