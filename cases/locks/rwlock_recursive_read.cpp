// Taking a read lock twice in one thread seems harmless: readers share, after all. But if a writer
// comes between the two, and writers go first, the second read waits for the writer, and the writer
// for the first read: a deadlock of a thread with a lock it shares. Under "reader first" it never
// happens, so the program is right or wrong by the choice of the library. With -DFIXED it reads once.
//
// csim: --rwlock-policy reader
// expect: clean
//
// csim: --rwlock-policy writer
// expect: bug deadlock
//
// csim: --rwlock-policy fair
// expect: bug deadlock
//
// csim: --rwlock-policy writer --outcomes -DFIXED
// expect: clean
// outcomes: "0\n" "1\n"
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <thread>

std::shared_mutex shared_mutex;
int value = 0;  // guarded by shared_mutex

int ReadLocked() { return value; }

int Read() {
  const std::shared_lock<std::shared_mutex> lock(shared_mutex);
  return ReadLocked();
}

int ReadTwice() {
  const std::shared_lock<std::shared_mutex> lock(shared_mutex);
#ifdef FIXED
  return ReadLocked();
#else
  return Read();
#endif
}

void Write() {
  const std::unique_lock<std::shared_mutex> lock(shared_mutex);
  value = 1;
}

int main() {
  std::thread writer(Write);
  const int seen = ReadTwice();
  writer.join();
  std::printf("%d\n", seen);
}
