// After "reorder" of SCTBench: N - 1 threads write a, then b; one reads both in between.
//
// The check fails only if a has been written and no thread at all has come to b yet: the more
// writers, the fewer random schedules do that.
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifndef N
#define N 3
#endif

static atomic_int a;
static atomic_int b;

static int a_is(int value) { return atomic_load_explicit(&a, memory_order_relaxed) == value; }
static int b_is(int value) { return atomic_load_explicit(&b, memory_order_relaxed) == value; }

static void* set(void* unused) {
  atomic_store_explicit(&a, 1, memory_order_relaxed);
  atomic_store_explicit(&b, -1, memory_order_relaxed);
  return unused;
}

static void* check(void* unused) {
  const int as_before = a_is(0) && b_is(0);
  const int as_after = as_before || (a_is(1) && b_is(-1));
  assert(as_after);
  return unused;
}

int main(void) {
  pthread_t threads[N];
  for (int i = 0; i < N - 1; ++i) pthread_create(&threads[i], NULL, set, NULL);
  pthread_create(&threads[N - 1], NULL, check, NULL);
  for (int i = 0; i < N; ++i) pthread_join(threads[i], NULL);
  return 0;
}
