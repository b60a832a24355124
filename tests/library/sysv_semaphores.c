/* A System V semaphore as a mutex; and two in the wrong order.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "2\n"
 * csim: -DCROSSWISE
 * expect: bug deadlock
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>

static int set;
static int count;

static void Change(int number, int by) {
  struct sembuf step = {(unsigned short)number, (short)by, 0};
  assert(semop(set, &step, 1) == 0);
}

static void* Work(void* first) {
  const int number = (int)(long)first;
  Change(number, -1);
#ifdef CROSSWISE
  Change(1 - number, -1);
  Change(1 - number, 1);
#endif
  ++count;
  Change(number, 1);
  return NULL;
}

int main(void) {
  pthread_t a, b;
  set = semget(IPC_PRIVATE, 2, 0600);
  assert(set >= 0);
  unsigned short values[2] = {1, 1};
  assert(semctl(set, 0, SETALL, values) == 0);
  pthread_create(&a, NULL, Work, (void*)0);
#ifdef CROSSWISE
  pthread_create(&b, NULL, Work, (void*)1);
#else
  pthread_create(&b, NULL, Work, (void*)0);
#endif
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  assert(semctl(set, 0, GETVAL) == 1);
  struct sembuf both[2] = {{0, -1, 0}, {1, 0, IPC_NOWAIT}}; /* the second one is not 0 */
  assert(semop(set, both, 2) == -1 && errno == EAGAIN && semctl(set, 0, GETVAL) == 1);
  assert(semctl(set, 0, IPC_RMID) == 0);
  printf("%d\n", count);
  return 0;
}
