/* An error-checking mutex says no instead of hanging.
 * csim: --outcomes
 * expect: clean
 * outcomes: "1\n"
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

int main(void) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&mutex, &attributes);
  pthread_mutex_lock(&mutex);
  printf("%d\n", pthread_mutex_lock(&mutex) == EDEADLK);
  pthread_mutex_unlock(&mutex);
  pthread_mutex_destroy(&mutex);
  return 0;
}
