/* The reader waits for an end of file that never comes: it holds a writing end itself.
 * expect: bug deadlock
 * csim: -DCLOSE
 * expect: clean
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int ends[2];
static int copy;

static void* Write(void* unused) {
  assert(write(ends[1], "x", 1) == 1);
  close(ends[1]);
  return unused;
}

int main(void) {
  pthread_t writer;
  char c;
  assert(pipe(ends) == 0);
  copy = dup(ends[1]);
#ifdef CLOSE
  close(copy);
#endif
  pthread_create(&writer, NULL, Write, NULL);
  while (read(ends[0], &c, 1) == 1) continue;
  pthread_join(writer, NULL);
  return 0;
}
