/* A named semaphore between two processes that open it by themselves; opened twice by one process it is at
 * the same address.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "2\n"
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
static void Add(int* counter) {
  sem_t* lock = sem_open("/csim_lock", O_CREAT, 0600, 1);
  assert(lock != SEM_FAILED);
  assert(sem_open("/csim_lock", 0) == lock);
  assert(sem_wait(lock) == 0);
  ++*counter;
  assert(sem_post(lock) == 0);
  assert(sem_close(lock) == 0 && sem_close(lock) == 0);
}
int main(void) {
  assert(sem_open("/csim_lock", 0) == SEM_FAILED && errno == ENOENT);
  int* counter =
      mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const pid_t child = fork();
  Add(counter);
  if (child == 0) _exit(0);
  assert(waitpid(child, NULL, 0) == child);
  printf("%d\n", *counter);
  assert(sem_unlink("/csim_lock") == 0);
  assert(sem_unlink("/csim_lock") < 0 && errno == ENOENT);
  return 0;
}
