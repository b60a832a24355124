/* A key has a value per thread, and a destructor that runs at its end.
 * csim: --outcomes
 * expect: clean
 * outcomes: "3\n"
 */
#include <pthread.h>
#include <stdio.h>

static pthread_key_t key;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int destroyed = 0;

static void Destroy(void* value) {
  pthread_mutex_lock(&mutex);
  destroyed += *(int*)value;
  pthread_mutex_unlock(&mutex);
}

static void* Use(void* value) {
  pthread_setspecific(key, value);
  return pthread_getspecific(key) == value ? NULL : value;
}

int main(void) {
  pthread_t a;
  pthread_t b;
  int one = 1;
  int two = 2;
  pthread_key_create(&key, Destroy);
  pthread_create(&a, NULL, Use, &one);
  pthread_create(&b, NULL, Use, &two);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  printf("%d\n", destroyed);
  pthread_key_delete(key);
  return 0;
}
