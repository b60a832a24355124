// A process that crashes takes nobody with it: the parent learns from waitpid which signal ended the
// child, and goes on. (The same crash in a thread ends everything: threads/crash.cpp.) The crash is a
// bug all the same. With -DFIXED the child asks before it dereferences.
//
// csim: --outcomes
// expect: bug crash
// outcomes: "child was ended by signal 11\nparent goes on\n"
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "parent goes on\n"
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

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

int main() {
  const pid_t child = fork();
  if (child == 0) {
    Deposit(2, 100);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    dprintf(STDOUT_FILENO, "child was ended by signal %d\n", WTERMSIG(status));
  }
  dprintf(STDOUT_FILENO, "parent goes on\n");
}
