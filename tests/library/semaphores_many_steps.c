/* semop with many steps: together or not at all, one after the other, waiting where a step says so; who changed a
 * semaphore last, and how many wait for it.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "2 tools\n"
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

union semun {
  int val;
  unsigned short* array;
};
static int set;

static int Value(int number) { return semctl(set, number, GETVAL); }

/* Takes three tools together: no two workers can wait for each other. */
static void* Work(void* unused) {
  struct sembuf take[] = {{0, -1, 0}, {1, -1, 0}, {2, -1, 0}};
  struct sembuf give[] = {{2, 1, 0}, {1, 1, 0}, {0, 1, 0}};
  assert(semop(set, take, 3) == 0);
  assert(Value(0) == 0 && Value(1) == 0 && Value(2) == 0);
  assert(semop(set, give, 3) == 0);
  return unused;
}

static void OneAfterTheOther(void) {
  struct sembuf all[] = {{3, 0, 0}, {3, 4, 0}, {4, 2, 0}, {3, -3, 0}, {5, 1, 0}, {4, -2, 0}};
  assert(semop(set, all, 6) == 0);
  assert(Value(3) == 1 && Value(4) == 0 && Value(5) == 1);
  assert(semctl(set, 4, GETPID) == getpid());
  /* Nothing of it is done if one step cannot be. */
  struct sembuf none[] = {{5, 1, 0}, {4, 1, 0}, {3, -2, IPC_NOWAIT}};
  assert(semop(set, none, 3) == -1 && errno == EAGAIN && Value(5) == 1 && Value(4) == 0);
  struct sembuf large[] = {{5, 1, 0}, {4, 32767, 0}, {4, 1, 0}};
  assert(semop(set, large, 3) == -1 && errno == ERANGE && Value(5) == 1);
  struct sembuf outside[] = {{5, 1, 0}, {6, 1, 0}, {4, 1, 0}};
  assert(semop(set, outside, 3) == -1 && errno == EFBIG);
  static struct sembuf many[501];
  assert(semop(set, many, 501) == -1 && errno == E2BIG);
  const struct timespec moment = {0, 1000};
  struct sembuf late[] = {{5, -1, 0}, {4, -1, 0}, {3, 1, 0}};
  assert(semtimedop(set, late, 3, &moment) == -1 && errno == EAGAIN && Value(5) == 1);
}

int main(void) {
  pthread_t workers[2];
  unsigned short values[] = {1, 1, 1, 0, 0, 0};
  set = semget(IPC_PRIVATE, 6, 0600);
  assert(semctl(set, 0, SETALL, (union semun){.array = values}) == 0);
  OneAfterTheOther();
  for (int i = 0; i < 2; ++i) pthread_create(&workers[i], NULL, Work, NULL);
  for (int i = 0; i < 2; ++i) pthread_join(workers[i], NULL);
  assert(semctl(set, 0, GETNCNT) == 0 && semctl(set, 0, GETZCNT) == 0);
  semctl(set, 0, IPC_RMID);
  printf("2 tools\n");
  return 0;
}
