/* Threads, mutexes, condition variables, once flags and storage of C11.
 * csim: --outcomes
 * expect: clean
 * outcomes: "2 1\n"
 */
#include <stdio.h>
#include <threads.h>

static mtx_t mutex;
static cnd_t changed;
static once_flag once = ONCE_FLAG_INIT;
static int counter = 0;
static int initialised = 0;
static _Thread_local int own = 0;

static void Initialise(void) { ++initialised; }

static int Add(void* unused) {
  (void)unused;
  call_once(&once, Initialise);
  ++own;
  mtx_lock(&mutex);
  counter += own;
  cnd_signal(&changed);
  mtx_unlock(&mutex);
  return 0;
}

int main(void) {
  thrd_t a;
  thrd_t b;
  mtx_init(&mutex, mtx_plain);
  cnd_init(&changed);
  thrd_create(&a, Add, NULL);
  thrd_create(&b, Add, NULL);
  mtx_lock(&mutex);
  while (counter < 2) cnd_wait(&changed, &mutex);
  mtx_unlock(&mutex);
  thrd_join(a, NULL);
  thrd_join(b, NULL);
  printf("%d %d\n", counter, initialised);
  cnd_destroy(&changed);
  mtx_destroy(&mutex);
  return 0;
}
