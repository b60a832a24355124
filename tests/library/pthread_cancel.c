/* A thread that waits is cancelled; its clean-up handler runs and unlocks the mutex.
 * csim: --outcomes
 * expect: clean
 * outcomes: "cancelled, cleaned 1\n"
 */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static int cleaned = 0;

static void CleanUp(void* unused) {
  (void)unused;
  ++cleaned;
  pthread_mutex_unlock(&mutex);
}

static void* WaitForEver(void* unused) {
  pthread_mutex_lock(&mutex);
  pthread_cleanup_push(CleanUp, NULL);
  for (;;) pthread_cond_wait(&never, &mutex);
  pthread_cleanup_pop(1);
  return unused;
}

int main(void) {
  pthread_t thread;
  void* result = NULL;
  pthread_create(&thread, NULL, WaitForEver, NULL);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  pthread_mutex_lock(&mutex);
  printf("%s, cleaned %d\n", result == PTHREAD_CANCELED ? "cancelled" : "returned", cleaned);
  pthread_mutex_unlock(&mutex);
  return 0;
}
