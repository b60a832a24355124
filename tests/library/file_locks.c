/* flock excludes open files from each other, not threads that share one; fcntl's locks are the process's.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "2\n"
 * csim: -DSHARED
 * expect: bug data-race count
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int count;
static int shared;

static int Open(void) {
  const int fd = open("/dev/null", O_RDWR);
  assert(fd >= 0);
  return fd;
}

static void* Work(void* unused) {
#ifdef SHARED
  const int fd = dup(shared);
#else
  const int fd = Open();
#endif
  assert(flock(fd, LOCK_EX) == 0);
  ++count;
  close(fd); /* unlocks, unless it is shared */
  return unused;
}

int main(void) {
  pthread_t a, b;
  shared = Open();
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
  assert(fcntl(shared, F_SETLK, &range) == 0);
  assert(fcntl(shared, F_SETLKW, &range) == 0);
  pthread_create(&a, NULL, Work, NULL);
  pthread_create(&b, NULL, Work, NULL);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  const int other = Open();
  assert(flock(shared, LOCK_SH) == 0);
  assert(flock(other, LOCK_SH) == 0);
  assert(flock(other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
  close(shared);
  assert(flock(other, LOCK_EX | LOCK_NB) == 0);
  printf("%d\n", count);
  return 0;
}
