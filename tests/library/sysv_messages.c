/* A System V queue: by type, and in order of sending.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "2:two 1:one 3:three\n"
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

struct message {
  long type;
  char text[8];
};

static int queue;

static void* Send(void* unused) {
  struct message one = {1, "one"}, two = {2, "two"}, three = {3, "three"};
  assert(msgsnd(queue, &one, 4, 0) == 0);
  assert(msgsnd(queue, &two, 4, 0) == 0);
  assert(msgsnd(queue, &three, 6, 0) == 0);
  return unused;
}

int main(void) {
  pthread_t sender;
  struct message a, b, c;
  queue = msgget(0x5eed, IPC_CREAT | IPC_EXCL | 0600);
  assert(queue >= 0 && msgget(0x5eed, 0) == queue);
  assert(msgrcv(queue, &a, sizeof a.text, 0, IPC_NOWAIT) == -1 && errno == ENOMSG);
  pthread_create(&sender, NULL, Send, NULL);
  assert(msgrcv(queue, &a, sizeof a.text, 2, 0) == 4);
  assert(msgrcv(queue, &b, sizeof b.text, 0, 0) == 4);
  assert(msgrcv(queue, &c, sizeof c.text, -5, 0) == 6);
  pthread_join(sender, NULL);
  printf("%ld:%s %ld:%s %ld:%s\n", a.type, a.text, b.type, b.text, c.type, c.text);
  assert(msgctl(queue, IPC_RMID, NULL) == 0);
  assert(msgrcv(queue, &a, sizeof a.text, 0, 0) == -1 && errno == EINVAL);
  return 0;
}
