// A mutex is advisory: it binds only those who take it. Three functions lock before they touch the
// balance; the fourth forgets, and the lock of all the others is worth nothing. csim names the site
// without the lock ("balance is guarded by mutex at 3 of 4 sites"). With -DFIXED the auditor locks too.
//
// expect: bug data-race balance
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "100\n" "130\n" "80\n" "95\n" "110\n" "125\n" "75\n" "105\n"
#include <cstdio>
#include <mutex>
#include <thread>

std::mutex mutex;
int balance = 100;  // guarded by mutex
int audited = 0;    // main reads it after the auditor has been joined

void Deposit(int amount) {
  const std::lock_guard<std::mutex> lock(mutex);
  balance += amount;
}

void Withdraw(int amount) {
  const std::lock_guard<std::mutex> lock(mutex);
  balance -= amount;
}

void Charge(int fee) {
  const std::lock_guard<std::mutex> lock(mutex);
  balance -= fee;
}

void Audit() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  audited = balance;
}

int main() {
  std::thread depositor(Deposit, 30);
  std::thread withdrawer(Withdraw, 20);
  std::thread bank(Charge, 5);
  std::thread auditor(Audit);
  depositor.join();
  withdrawer.join();
  bank.join();
  auditor.join();
  std::printf("%d\n", audited);
}
