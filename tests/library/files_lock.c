/* A lock file between two processes: made exclusively by one at a time, removed by its holder. What is made
 * by an execution is not there for the next one.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "2\n"
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
static void Add(int* counter) {
  int fd;
  while ((fd = open("lock", O_CREAT | O_EXCL | O_WRONLY, 0600)) < 0) {
    assert(errno == EEXIST);
    sched_yield();
  }
  ++*counter;
  close(fd);
  assert(unlink("lock") == 0);
}
int main(void) {
  char directory[] = "/tmp/csim_case_XXXXXX";
  assert(mkdtemp(directory) != NULL && chdir(directory) == 0);
  int* counter =
      mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const pid_t child = fork();
  Add(counter);
  if (child == 0) _exit(0);
  assert(waitpid(child, NULL, 0) == child);
  FILE* left = fopen("left", "w");
  assert(left != NULL && fputs("text", left) >= 0 && fclose(left) == 0);
  assert(rename("left", "over") == 0 && mkdir("deep", 0700) == 0);
  printf("%d\n", *counter);
  return 0;
}
