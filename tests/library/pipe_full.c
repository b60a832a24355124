/* Both write more than a pipe holds before they read: nobody goes on.
 * expect: bug deadlock
 * csim: -DREAD
 * expect: clean
 */
#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static int there[2], back[2];
static char data[70000], answer[70000];

static void ReadAll(int fd, size_t size) {
  while (size > 0) {
    const ssize_t n = read(fd, answer, size);
    assert(n > 0);
    size -= (size_t)n;
  }
}

static void* Answer(void* unused) {
#ifdef READ
  ReadAll(there[0], sizeof data);
#endif
  assert(write(back[1], data, sizeof data) == sizeof data);
  return unused;
}

int main(void) {
  pthread_t other;
  assert(pipe(there) == 0 && pipe(back) == 0);
  pthread_create(&other, NULL, Answer, NULL);
  assert(write(there[1], data, sizeof data) == sizeof data);
#ifdef READ
  ReadAll(back[0], sizeof data);
#endif
  pthread_join(other, NULL);
  return 0;
}
