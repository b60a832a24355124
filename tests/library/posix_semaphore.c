/* A POSIX semaphore as a signal; its try and its timed wait may fail.
 * csim: --outcomes
 * expect: clean
 * outcomes: "6 first 0\n" "6 first 1\n"
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

static sem_t given;
static int value = 0;

static void* Give(void* unused) {
  value = 6;
  sem_post(&given);
  return unused;
}

int main(void) {
  pthread_t giver;
  sem_init(&given, 0, 0);
  pthread_create(&giver, NULL, Give, NULL);
  const int first = sem_trywait(&given) == 0;
  if (!first) sem_wait(&given);
  printf("%d first %d\n", value, first);
  pthread_join(giver, NULL);
  sem_destroy(&given);
  return 0;
}
