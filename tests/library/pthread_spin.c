/* A spin lock guards a counter.
 * csim: --outcomes
 * expect: clean
 * outcomes: "2\n"
 */
#include <pthread.h>
#include <stdio.h>

static pthread_spinlock_t lock;
static int counter = 0;

static void* Add(void* unused) {
  pthread_spin_lock(&lock);
  ++counter;
  pthread_spin_unlock(&lock);
  return unused;
}

int main(void) {
  pthread_t a;
  pthread_t b;
  pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
  pthread_create(&a, NULL, Add, NULL);
  pthread_create(&b, NULL, Add, NULL);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  printf("%d\n", counter);
  pthread_spin_destroy(&lock);
  return 0;
}
