// The child opens the semaphore by its name, which the parent may have taken away already.
//
// csim: --strategy dpor
// expect: bug assertion
#include <fcntl.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>

int main() {
  sem_t* lock = sem_open("/csim_short", O_CREAT | O_EXCL, 0600, 1);
  assert(lock != SEM_FAILED);
  if (fork() == 0) {
    sem_t* mine = sem_open("/csim_short", 0);
    assert(mine != SEM_FAILED);
    _exit(0);
  }
  sem_unlink("/csim_short");
  wait(nullptr);
}
