// Threads share one process, so one thread that crashes takes all of them down. The second thread
// does nothing wrong, yet its work is lost whenever the crash comes first. (A process would survive
// the crash of another: that is the price and the gain of sharing memory.)
//
// expect: bug crash
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "saved\n"
#include <unistd.h>

#include <cstddef>
#include <thread>

struct Account {
  int balance = 0;
};

Account* FindAccount(int id) {
  static Account only;
  return id == 1 ? &only : nullptr;  // nullptr: there is no such account
}

void Deposit(int id, int amount) {
  Account* account = FindAccount(id);
#ifdef FIXED
  if (account == nullptr) return;
#endif
  account->balance += amount;
}

void Save() {
  const ssize_t written = write(STDOUT_FILENO, "saved\n", 6);
  static_cast<void>(written);
}

int main() {
  std::thread saver(Save);
  std::thread careless(Deposit, 2, 100);
  saver.join();
  careless.join();
}
