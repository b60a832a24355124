/* A wait for a semaphore that gives up after a second.
 * csim: --outcomes
 * expect: clean
 * outcomes: "given\n" "timed out\n"
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

static sem_t given;

static void* Give(void* unused) {
  sem_post(&given);
  return unused;
}

int main(void) {
  pthread_t giver;
  struct timespec deadline;
  sem_init(&given, 0, 0);
  pthread_create(&giver, NULL, Give, NULL);
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 1;
  puts(sem_timedwait(&given, &deadline) == 0 ? "given" : "timed out");
  pthread_join(giver, NULL);
  sem_destroy(&given);
  return 0;
}
