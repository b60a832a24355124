// Look first, then make: between the two the other may have made it.
//
// csim: --strategy dpor
// expect: bug assertion
#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <thread>

const char* const kPath = "/tmp/csim_case_check";

void Make() {
  if (access(kPath, F_OK) == 0) return;
  const int fd = open(kPath, O_CREAT | O_EXCL | O_RDWR, 0600);
  assert(fd >= 0);
  close(fd);
}

int main() {
  std::thread other(Make);
  Make();
  other.join();
}
