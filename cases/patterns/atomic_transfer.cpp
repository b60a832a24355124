// A transfer between two accounts. Each step is under a lock, so there is no data race; but the two steps
// together are meant to be one, and an auditor who comes in between sees money missing:
//   (none)    the block is not atomic: the auditor reads one account after and the other before its step
//   -DFIXED   one lock over both steps
//   -DALONE   nobody looks at both accounts: the two steps may lie apart, and nobody can tell
//
// expect: bug atomicity
//
// csim: -DFIXED
// expect: clean
//
// csim: -DALONE
// expect: clean
#include <csim/atomic_block.h>

#include <mutex>
#include <thread>

std::mutex mutex;
int savings = 100;
int giro = 0;

void Withdraw(int amount) {
#ifndef FIXED
  std::lock_guard<std::mutex> lock(mutex);
#endif
  savings -= amount;
}

void Deposit(int amount) {
#ifndef FIXED
  std::lock_guard<std::mutex> lock(mutex);
#endif
  giro += amount;
}

void Transfer(int amount) {
  csim::atomic_block block;
#ifdef FIXED
  std::lock_guard<std::mutex> lock(mutex);
#endif
  Withdraw(amount);
  Deposit(amount);
}

int Audit() {
  csim::atomic_block block;
  std::lock_guard<std::mutex> lock(mutex);
#ifdef ALONE
  return savings;
#else
  return savings + giro;
#endif
}

int main() {
  std::thread other([] { Transfer(30); });
  const int seen = Audit();
  other.join();
  return seen > 0 ? 0 : 1;
}
