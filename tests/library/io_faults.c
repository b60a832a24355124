/* Whoever takes a short read for the whole message is found with --io-faults.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "ping\n"
 * csim: --io-faults
 * expect: bug assertion
 * csim: -DLOOP --io-faults --strategy dpor --outcomes
 * expect: clean
 * outcomes: "ping\n"
 */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int ends[2];

static void* Send(void* unused) {
  size_t done = 0;
#ifdef LOOP
  while (done < 4)
#endif
    done += (size_t)write(ends[1], "ping" + done, 4 - done);
  assert(done == 4);
  close(ends[1]);
  return unused;
}

int main(void) {
  pthread_t sender;
  char text[8] = "";
  size_t size = 0;
  assert(pipe(ends) == 0);
  pthread_create(&sender, NULL, Send, NULL);
#ifdef LOOP
  while (size < 4)
#endif
    size += (size_t)read(ends[0], text + size, 4 - size);
  assert(size == 4);
  pthread_join(sender, NULL);
  puts(text);
  return 0;
}
