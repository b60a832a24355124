/* A barrier: each sees what the other wrote before it, and exactly one is the serial thread.
 * csim: --outcomes
 * expect: clean
 * outcomes: "1 1, serial 1\n"
 */
#include <pthread.h>
#include <stdio.h>

static pthread_barrier_t barrier;
static int written[2];
static int seen[2];
static int serial[2];

static void Meet(int me) {
  written[me] = 1;
  serial[me] = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
  seen[me] = written[1 - me];
}

static void* Other(void* unused) {
  Meet(1);
  return unused;
}

int main(void) {
  pthread_t other;
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_create(&other, NULL, Other, NULL);
  Meet(0);
  pthread_join(other, NULL);
  printf("%d %d, serial %d\n", seen[0], seen[1], serial[0] + serial[1]);
  pthread_barrier_destroy(&barrier);
  return 0;
}
