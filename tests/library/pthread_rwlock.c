/* Two readers and a writer.
 * csim: --outcomes
 * expect: clean
 * outcomes: "0\n" "1\n" "2\n"
 */
#include <pthread.h>
#include <stdio.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int value = 0;
static int seen[2];

static void* Read(void* result) {
  pthread_rwlock_rdlock(&lock);
  *(int*)result = value;
  pthread_rwlock_unlock(&lock);
  return NULL;
}

int main(void) {
  pthread_t a;
  pthread_t b;
  pthread_create(&a, NULL, Read, &seen[0]);
  pthread_create(&b, NULL, Read, &seen[1]);
  pthread_rwlock_wrlock(&lock);
  value = 1;
  pthread_rwlock_unlock(&lock);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  printf("%d\n", seen[0] + seen[1]);
  return 0;
}
