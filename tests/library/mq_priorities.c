/* A POSIX message queue gives the highest priority first, holds no more than it may, and can be waited for
 * with a deadline.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "b a c\n"
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static void* Send(void* unused) {
  const mqd_t queue = mq_open("/letters", O_WRONLY);
  assert(queue >= 0);
  assert(mq_send(queue, "c", 1, 1) == 0); /* waits until there is room */
  mq_close(queue);
  return unused;
}

int main(void) {
  pthread_t sender;
  struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 4};
  char a[4], b[4], c[4];
  unsigned priority = 0;
  const struct timespec past = {1, 0};
  assert(mq_open("/letters", O_RDWR) == -1 && errno == ENOENT);
  const mqd_t queue = mq_open("/letters", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  assert(mq_open("/letters", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes) == -1);
  assert(mq_timedreceive(queue, a, sizeof a, NULL, &past) == -1 && errno == ETIMEDOUT);
  assert(mq_send(queue, "a", 1, 1) == 0);
  assert(mq_send(queue, "b", 1, 9) == 0);
  assert(mq_timedsend(queue, "x", 1, 9, &past) == -1 && errno == ETIMEDOUT);
  pthread_create(&sender, NULL, Send, NULL);
  assert(mq_receive(queue, b, sizeof b, &priority) == 1 && priority == 9);
  assert(mq_receive(queue, a, sizeof a, &priority) == 1 && priority == 1);
  assert(mq_receive(queue, c, sizeof c, NULL) == 1);
  pthread_join(sender, NULL);
  assert(mq_getattr(queue, &attributes) == 0 && attributes.mq_curmsgs == 0);
  printf("%c %c %c\n", b[0], a[0], c[0]);
  mq_close(queue);
  assert(mq_unlink("/letters") == 0);
  return 0;
}
