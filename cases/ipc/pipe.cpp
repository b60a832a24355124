// A pipe carries bytes in order from whoever has its write end to whoever has its read end, also between
// processes. A write of few bytes is not torn apart. With one writer the reader gets the messages in the
// order in which they were written; with two (-DTWO_WRITERS) each order of the two is possible.
//
// csim: --outcomes
// expect: clean
// outcomes: "1 2\n"
//
// csim: --outcomes -DTWO_WRITERS
// expect: clean
// outcomes: "1 2\n" "2 1\n"
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>

int ends[2];  // to read from, to write to

void Send(int message) {
  const ssize_t count = write(ends[1], &message, sizeof message);
  assert(count == sizeof message);
}

int Receive() {
  int message = 0;
  const ssize_t count = read(ends[0], &message, sizeof message);
  assert(count == sizeof message);
  return message;
}

pid_t StartWriter(int first, int last) {
  const pid_t child = fork();
  if (child != 0) return child;
  for (int message = first; message <= last; ++message) Send(message);
  _exit(0);
}

int main() {
  const int result = pipe(ends);
  assert(result == 0);
#ifdef TWO_WRITERS
  const pid_t writers[] = {StartWriter(1, 1), StartWriter(2, 2)};
#else
  const pid_t writers[] = {StartWriter(1, 2)};
#endif
  const int first = Receive();
  const int second = Receive();
  for (const pid_t writer : writers) waitpid(writer, nullptr, 0);
  dprintf(STDOUT_FILENO, "%d %d\n", first, second);
}
