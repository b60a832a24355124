/* Counts in the shared memory of its first argument, a descriptor: two threads, under a lock unless -DRACE. */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int own_counter;
static int* shared;

static void* CountInOther(void* unused) {
#ifndef RACE
  pthread_mutex_lock(&mutex);
#endif
  ++own_counter;
#ifndef RACE
  pthread_mutex_unlock(&mutex);
#endif
  return unused;
}

int main(int argc, char** argv) {
  pthread_t other;
  assert(argc >= 2 && own_counter == 0);
  if (argc > 2 && strcmp(argv[2], "back") == 0) {
    execl(argv[0], argv[0], argv[1], "once more", NULL);
    return 98;
  }
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[1]), 0);
  pthread_create(&other, NULL, CountInOther, NULL);
  CountInOther(NULL);
  pthread_join(other, NULL);
  __atomic_add_fetch(shared, own_counter, __ATOMIC_SEQ_CST);
#ifdef CRASH
  *(volatile int*)8 = 1;
#endif
  return 3;
}
