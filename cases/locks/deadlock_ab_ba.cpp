// One thread locks a, then b; the other locks b, then a. If each takes its first mutex before the
// other takes its second, both wait for ever. It takes one unlucky switch, so tests seldom see it.
// The cure is one order for all: by convention (-DORDERED), or left to std::scoped_lock, which takes
// several mutexes without ever deadlocking (-DSCOPED): it tries, lets go, and tries again. How often it
// tries is not limited, so csim explores that run up to three preemptions.
//
// expect: bug deadlock
//
// csim: --outcomes -DORDERED
// expect: clean
// outcomes: "70 130\n"
//
// csim: --outcomes --preemptions 3 -DSCOPED
// expect: bounded
// outcomes: "70 130\n"
#include <cstdio>
#include <mutex>
#include <thread>

struct Account {
  std::mutex mutex;
  int balance = 100;  // guarded by mutex
};

Account a;
Account b;

void Transfer(Account& from, Account& to, int amount) {
#if defined(SCOPED)
  const std::scoped_lock both(from.mutex, to.mutex);
#elif defined(ORDERED)
  const std::lock_guard<std::mutex> lower(&from < &to ? from.mutex : to.mutex);
  const std::lock_guard<std::mutex> higher(&from < &to ? to.mutex : from.mutex);
#else
  const std::lock_guard<std::mutex> lock_from(from.mutex);
  const std::lock_guard<std::mutex> lock_to(to.mutex);
#endif
  from.balance -= amount;
  to.balance += amount;
}

int main() {
  std::thread there([] { Transfer(a, b, 50); });
  std::thread back([] { Transfer(b, a, 20); });
  there.join();
  back.join();
  std::printf("%d %d\n", a.balance, b.balance);
}
