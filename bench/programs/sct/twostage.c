// After "twostage" of SCTBench: N - 1 threads update two values in two critical sections; one reads
// both in the same way and takes them for a pair.
//
// The check fails only if the reader sees the first value of some thread, and the second value of
// none.
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifndef N
#define N 2
#endif

static pthread_mutex_t first_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int first;   // written under first_lock, read without it too
static atomic_int second;  // guarded by second_lock

static int get(atomic_int* value) { return atomic_load_explicit(value, memory_order_relaxed); }
static void put(atomic_int* value, int to) {
  atomic_store_explicit(value, to, memory_order_relaxed);
}

static void* update(void* unused) {
  pthread_mutex_lock(&first_lock);
  put(&first, 1);
  pthread_mutex_unlock(&first_lock);
  pthread_mutex_lock(&second_lock);
  put(&second, get(&first) + 1);
  pthread_mutex_unlock(&second_lock);
  return unused;
}

static void* check(void* unused) {
  pthread_mutex_lock(&first_lock);
  const int one = get(&first);
  pthread_mutex_unlock(&first_lock);
  if (one == 0) return unused;
  pthread_mutex_lock(&second_lock);
  const int two = get(&second);
  pthread_mutex_unlock(&second_lock);
  assert(two == one + 1);
  return unused;
}

int main(void) {
  pthread_t threads[N];
  for (int i = 0; i < N - 1; ++i) pthread_create(&threads[i], NULL, update, NULL);
  pthread_create(&threads[N - 1], NULL, check, NULL);
  for (int i = 0; i < N; ++i) pthread_join(threads[i], NULL);
  return 0;
}
