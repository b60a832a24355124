// A pipe holds only so much: who writes more waits until somebody reads. Parent and child send each
// other more than a pipe holds, and both write before they read: each waits for the other to make room.
// With -DFIXED the child reads first.
//
// expect: bug deadlock
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "all of it\n"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>

constexpr int kCapacity = 4096;
constexpr int kBytes = kCapacity + 1;

char buffer[kBytes];

void MakePipe(int ends[2]) {
  const int result = pipe(ends);
  assert(result == 0);
  const int capacity = fcntl(ends[1], F_SETPIPE_SZ, kCapacity);
  assert(capacity == kCapacity);
}

void WriteAll(int fd) {
  const ssize_t count = write(fd, buffer, kBytes);
  assert(count == kBytes);
}

void ReadAll(int fd) {
  for (int got = 0; got < kBytes;) {
    const ssize_t count = read(fd, buffer, static_cast<size_t>(kBytes - got));
    assert(count > 0);
    got += static_cast<int>(count);
  }
}

int main() {
  int to_child[2];
  int to_parent[2];
  MakePipe(to_child);
  MakePipe(to_parent);
  const pid_t child = fork();
  if (child == 0) {
#ifdef FIXED
    ReadAll(to_child[0]);
    WriteAll(to_parent[1]);
#else
    WriteAll(to_parent[1]);
    ReadAll(to_child[0]);
#endif
    _exit(0);
  }
  WriteAll(to_child[1]);
  ReadAll(to_parent[0]);
  waitpid(child, nullptr, 0);
  dprintf(STDOUT_FILENO, "all of it\n");
}
