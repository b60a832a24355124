/* A FIFO: each open waits for the other side.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "through\n"
 * csim: -DALONE
 * expect: bug deadlock
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char kPath[] = "/tmp/csim_fifo";

static void* Write(void* unused) {
#ifndef ALONE
  const int fd = open(kPath, O_WRONLY);
  assert(write(fd, "through", 8) == 8);
  close(fd);
#endif
  return unused;
}

int main(void) {
  pthread_t writer;
  char text[16];
  assert(mkfifo(kPath, 0600) == 0);
  assert(mkfifo(kPath, 0600) == -1 && errno == EEXIST);
  assert(open(kPath, O_WRONLY | O_NONBLOCK) == -1 && errno == ENXIO);
  pthread_create(&writer, NULL, Write, NULL);
  const int fd = open(kPath, O_RDONLY);
  assert(read(fd, text, sizeof text) == 8);
  assert(read(fd, text + 8, 1) == 0);
  close(fd);
  pthread_join(writer, NULL);
  unlink(kPath);
  puts(text);
  return 0;
}
