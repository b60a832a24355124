/* System calls that write into the program's own data work in every execution.
 * csim: --outcomes
 * expect: clean
 * outcomes: "ok\n"
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int ends[2];
static char letter;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void* Lock(void* unused) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, Lock, NULL);
  assert(pipe(ends) == 0);
  assert(write(ends[1], "x", 1) == 1);
  assert(read(ends[0], &letter, 1) == 1);
  assert(letter == 'x');
  close(ends[0]);
  close(ends[1]);
  Lock(NULL);
  pthread_join(thread, NULL);
  puts("ok");
  return 0;
}
