// Waits for an alarm: with sigsuspend, which lets it in and waits in one step, or (PAUSE) with pause, which
// comes too late if the alarm strikes just before. UNSAFE: the handler prints.
#include <signal.h>
#include <unistd.h>

#include <cstdio>

volatile sig_atomic_t rang = 0;

void OnAlarm(int) {
  rang = 1;
#ifdef UNSAFE
  puts("rang");
#endif
}

int main() {
  sigset_t alarm_only;
  sigset_t before;
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGALRM);
  struct sigaction action{};
  action.sa_handler = OnAlarm;
  sigaction(SIGALRM, &action, nullptr);
#ifdef PAUSE
  alarm(5);
  if (!rang) pause();
#else
  sigprocmask(SIG_BLOCK, &alarm_only, &before);
  alarm(5);
  while (!rang) sigsuspend(&before);
#endif
}
