/* System V shared memory, by key and private: attached, detached, removed; what is removed lives as long as
 * somebody has it attached. The sum is made under no lock, but the two wait for each other.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "42 0\n"
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  const key_t key = 0x1234;
  assert(shmget(key, 4096, 0) < 0 && errno == ENOENT);
  const int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
  assert(id >= 0 && shmget(key, 4096, 0) == id);
  assert(shmget(key, 4096, IPC_CREAT | IPC_EXCL) < 0 && errno == EEXIST);
  const int hidden = shmget(IPC_PRIVATE, 100, 0600);
  assert(hidden >= 0 && hidden != id);
  int* mine = shmat(id, NULL, 0);
  assert(mine != (void*)-1);
  mine[0] = 40;
  const pid_t child = fork();
  if (child == 0) {
    int* again = shmat(shmget(key, 0, 0), NULL, 0);
    assert(again != (void*)-1 && again != mine && mine[0] == 40);
    again[0] += 2;
    _exit(0);
  }
  assert(waitpid(child, NULL, 0) == child);
  struct shmid_ds about;
  assert(shmctl(id, IPC_STAT, &about) == 0 && about.shm_nattch == 1 && about.shm_segsz == 4096);
  assert(shmctl(id, IPC_RMID, NULL) == 0);
  assert(shmget(key, 4096, 0) < 0 && errno == ENOENT);
  assert(shmctl(id, IPC_STAT, &about) == 0);
  const int sum = mine[0];
  assert(shmdt(mine) == 0);
  assert(shmdt(mine) < 0 && errno == EINVAL);
  assert(shmat(id, NULL, 0) == (void*)-1 && errno == EINVAL);
  printf("%d %d\n", sum, shmctl(hidden, IPC_RMID, NULL));
  return 0;
}
