/* pthread_mutex_timedlock gives up after a second.
 * csim: --outcomes
 * expect: clean
 * outcomes: "got it\n" "timed out\n"
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int value = 0;

static void* Hold(void* unused) {
  pthread_mutex_lock(&mutex);
  ++value;
  pthread_mutex_unlock(&mutex);
  return unused;
}

int main(void) {
  pthread_t holder;
  struct timespec deadline;
  pthread_create(&holder, NULL, Hold, NULL);
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 1;
  if (pthread_mutex_timedlock(&mutex, &deadline) == 0) {
    ++value;
    pthread_mutex_unlock(&mutex);
    puts("got it");
  } else {
    puts("timed out");
  }
  pthread_join(holder, NULL);
  return 0;
}
