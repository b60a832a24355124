/* A worker that ends, or is killed, while it holds a System V semaphore: with SEM_UNDO the next one goes on, without
 * it waits for ever.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "done\n"
 * csim: -DKILL --strategy dpor --outcomes
 * expect: clean
 * outcomes: "done\n"
 * csim: -DEARLY --strategy dpor --outcomes
 * expect: clean
 * outcomes: "done\n"
 * csim: -DHOW=0
 * expect: bug deadlock
 * csim: -DHOW=0 -DKILL
 * expect: bug deadlock
 */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef HOW
#define HOW SEM_UNDO
#endif
static int set;

static void Worker(void) {
  struct sembuf take[] = {{0, -1, HOW}, {1, -2, HOW}, {2, 1, HOW}};
  assert(semop(set, take, 3) == 0);
#ifdef KILL
  pause();
#endif
  _exit(0);
}

int main(void) {
  int status;
  set = semget(IPC_PRIVATE, 3, 0600);
  assert(semctl(set, 0, SETVAL, 1) == 0 && semctl(set, 1, SETVAL, 3) == 0);
  const pid_t worker = fork();
  if (worker == 0) Worker();
#ifdef KILL
  kill(worker, SIGKILL);
#endif
#ifndef EARLY
  assert(waitpid(worker, &status, 0) == worker);
#endif
  struct sembuf take = {0, -1, 0};
  assert(semop(set, &take, 1) ==
         0); /* the dead one's; or, -DEARLY, before it or when it has given it up */
  struct sembuf give = {0, 1, 0};
  assert(semop(set, &give, 1) == 0);
#ifndef EARLY
  assert(semctl(set, 0, GETVAL) == 1 && semctl(set, 1, GETVAL) == 3 && semctl(set, 2, GETVAL) == 0);
#else
  assert(waitpid(worker, &status, 0) == worker);
#endif
  semctl(set, 0, IPC_RMID);
  printf("done\n");
  return 0;
}
