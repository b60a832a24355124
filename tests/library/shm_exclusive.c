/* Parent and child both try to be the one that makes a shared memory object: whoever comes first does, the
 * other finds it there. Both orders are explored, and a name that only one of them uses is nobody else's
 * business. What the maker writes is ordered before what the other reads by the name: no race.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "child 7\n" "parent 7\n"
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
static const char* Enter(void) {
  const int fd = shm_open("/csim_exclusive", O_RDWR | O_CREAT | O_EXCL, 0600);
  if (fd >= 0) close(fd);
  if (fd < 0) assert(errno == EEXIST);
  return fd >= 0 ? "first" : NULL;
}
int main(void) {
  assert(shm_open("/csim_exclusive", O_RDWR, 0) < 0 && errno == ENOENT);
  assert(shm_unlink("/csim_exclusive") < 0 && errno == ENOENT);
  const int other = shm_open("/csim_other", O_RDWR | O_CREAT, 0600);
  assert(other >= 0 && ftruncate(other, 4096) == 0);
  const pid_t child = fork();
  if (child == 0) _exit(Enter() != NULL ? 1 : 0);
  const int parent_first = Enter() != NULL;
  int status = 0;
  assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
  assert(parent_first + WEXITSTATUS(status) == 1);
  int* memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
  assert(memory != MAP_FAILED && *memory == 0);
  *memory = 7;
  printf("%s %d\n", parent_first ? "parent" : "child", *memory);
  assert(shm_unlink("/csim_exclusive") == 0);
  return 0;
}
