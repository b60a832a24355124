// A child uses memory that its parent has allocated before the fork: all of it, without macro; -DFREED: after the parent
// has freed it; -DBEHIND: what lies behind it.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

int main() {
  constexpr int kCount = 10;
  auto* const numbers = static_cast<int*>(malloc(kCount * sizeof(int)));
  for (int i = 0; i < kCount; ++i) numbers[i] = i;
  for (int round = 0; round < 3; ++round) {
    if (fork() == 0) _exit(numbers[round]);  // later children are copies made in this one
    wait(nullptr);
  }
#ifdef FREED
  free(numbers);
#endif
  if (fork() == 0) {
    int sum = 0;
    for (int i = 0; i < kCount; ++i) sum += numbers[i];
#ifdef BEHIND
    volatile int behind = kCount;
    numbers[behind] = sum;
#endif
    _exit(sum == 45 ? 0 : 1);
  }
  int status = 0;
  wait(&status);
  return status == 0 ? 0 : 1;
}
