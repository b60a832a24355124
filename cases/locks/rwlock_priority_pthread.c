/* Who may pass a waiting writer? Main holds the lock for reading; a writer comes, and a second reader
 * tries. Under "reader first" the reader always gets in. Under "writer first" it is kept out in those
 * executions in which the writer was there before it, although only a reader holds the lock. csim
 * explores all of them. A program on Linux chooses by pthread_rwlockattr_setkind_np: the default is
 * reader first, -DWRITER_FIRST asks for the other.
 *
 * csim: --outcomes --rwlock-policy reader
 * expect: clean
 * outcomes: "reader got in\n"
 *
 * csim: --outcomes --rwlock-policy writer
 * expect: clean
 * outcomes: "reader got in\n" "reader kept out\n"
 *
 * csim: --outcomes --rwlock-policy fair
 * expect: clean
 * outcomes: "reader got in\n" "reader kept out\n"
 *
 * csim: --outcomes
 * expect: clean
 * outcomes: "reader got in\n"
 *
 * csim: --outcomes -DWRITER_FIRST
 * expect: clean
 * outcomes: "reader got in\n" "reader kept out\n"
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>

static pthread_rwlock_t lock;
static int value = 0; /* guarded by lock */

static void* Write(void* unused) {
  pthread_rwlock_wrlock(&lock);
  ++value;
  pthread_rwlock_unlock(&lock);
  return unused;
}

static void* TryToRead(void* got_in) {
  if (pthread_rwlock_tryrdlock(&lock) == 0) {
    *(int*)got_in = 1;
    pthread_rwlock_unlock(&lock);
  }
  return NULL;
}

int main(void) {
  pthread_t writer;
  pthread_t reader;
  int got_in = 0;
  pthread_rwlockattr_t attributes;
  pthread_rwlockattr_init(&attributes);
#ifdef WRITER_FIRST
  pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
  pthread_rwlock_init(&lock, &attributes);

  pthread_rwlock_rdlock(&lock);
  pthread_create(&writer, NULL, Write, NULL);
  pthread_create(&reader, NULL, TryToRead, &got_in);
  pthread_join(reader, NULL);
  pthread_rwlock_unlock(&lock);
  pthread_join(writer, NULL);

  printf("reader %s\n", got_in ? "got in" : "kept out");
  pthread_rwlock_destroy(&lock);
  pthread_rwlockattr_destroy(&attributes);
  return 0;
}
