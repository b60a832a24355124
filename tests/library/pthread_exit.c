/* A thread ends from inside a call, with a value; main ends by pthread_exit while another runs on.
 * csim: --outcomes
 * expect: clean
 * outcomes: "5\nlast\n"
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

static void Leave(intptr_t value) { pthread_exit((void*)value); }

static void* Work(void* unused) {
  Leave(5);
  return unused;
}

static void* Last(void* unused) {
  puts("last");
  return unused;
}

int main(void) {
  pthread_t worker;
  pthread_t last;
  void* value = NULL;
  pthread_create(&worker, NULL, Work, NULL);
  pthread_join(worker, &value);
  printf("%d\n", (int)(intptr_t)value);
  pthread_create(&last, NULL, Last, NULL);
  pthread_exit(NULL);
}
