/* Uses what processes share, in an order that never ends to be explored: pipes, shared memory, named
 * semaphores, System V memory, files, an executed program. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void Work(sem_t* semaphore, int* counter, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    sem_wait(semaphore);
    ++*counter;
    sem_post(semaphore);
  }
}

int main(int argc, char** argv) {
  char path[64];
  if (argc > 2) return 0;
  int ends[2];
  if (pipe(ends) != 0) return 1;
  const int memory = shm_open("/csim_test_shared_objects", O_RDWR | O_CREAT, 0600);
  if (memory < 0 || ftruncate(memory, 4096) != 0) return 2;
  int* counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  sem_t* semaphore = sem_open("/csim_test_shared_objects", O_CREAT, 0600, 1);
  const int segment = shmget(0x51c51, 4096, IPC_CREAT | 0600);
  if (segment < 0 || shmat(segment, NULL, 0) == (void*)-1) return 3;
  const char* const directory = getenv("TMPDIR");
  snprintf(path, sizeof path, "%s/csim_test_made", directory);
  if (mkdir(path, 0700) != 0 || chdir(path) != 0) return 4;
  if (close(open("file", O_CREAT | O_EXCL | O_RDWR, 0600)) != 0) return 5;
  const int rounds = argc > 1 ? atoi(argv[1]) : 3;
  for (int i = 0; i < 2; ++i) {
    if (fork() == 0) {
      Work(semaphore, counter, rounds);
      if (write(ends[1], "x", 1) != 1) _exit(1);
      execl("/proc/self/exe", "executed", "and", "ends", NULL);
      _exit(1);
    }
  }
  char byte;
  Work(semaphore, counter, rounds);
  if (read(ends[0], &byte, 1) != 1 || wait(NULL) < 0 || wait(NULL) < 0) return 6;
  return 0;
}
