// alarm and setitimer: a timer is a task of the process that sleeps and then sends SIGALRM, so that when
// it strikes is a matter of the schedule like everything else.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "sim/runtime/delivery.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/reports.h"

using namespace csim;

namespace {

// The timer that was set last: its number, and when it strikes. A fork copies it, but not the task: no
// timer runs in the child.
struct Alarm {
  uint64_t execution = 0;
  uint64_t number = 0;
  uint64_t deadline = 0;
  ProcessId process = kNoProcess;
};
Alarm g_alarm;
uint64_t g_alarms = 0;

bool Runs(uint64_t number) {
  return g_alarm.execution == g_runtime.execution().number && g_alarm.number == number &&
         g_alarm.process == g_runtime.process;
}

void* Strike(void* number_pointer) {
  const auto number = reinterpret_cast<uint64_t>(number_pointer);
  Operation sleep;
  sleep.kind = OpKind::kSleep;
  sleep.deadline = g_alarm.deadline;
  SetBlocked(~SignalSet{0});  // it is for the program's own threads
  Perform(sleep);
  if (!Runs(number)) return nullptr;
  g_alarm.number = 0;
  SendSignal({SignalOrder::kProcess, SIGALRM, Index(g_runtime.process)}, 0);
  return nullptr;
}

// Virtual nanoseconds until the timer that runs strikes; 0: there is none.
uint64_t Left() {
  if (g_alarm.number == 0 || !Runs(g_alarm.number)) return 0;
  const uint64_t now = g_runtime.machine().now();
  return g_alarm.deadline > now ? g_alarm.deadline - now : 1;
}

void Set(uint64_t nanoseconds) {
  g_alarm = {};
  if (nanoseconds == 0) return;
  g_alarm = {g_runtime.execution().number, ++g_alarms, g_runtime.machine().now() + nanoseconds,
             g_runtime.process};
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  pthread_create(&thread, &detached, &Strike, reinterpret_cast<void*>(g_alarm.number));
  pthread_attr_destroy(&detached);
}

uint64_t Nanoseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(time.tv_usec) * 1000;
}

}  // namespace

CSIM_INTERPOSE unsigned alarm(unsigned seconds) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(alarm)(seconds);
  const uint64_t left = Left();
  Set(uint64_t{seconds} * 1'000'000'000);
  return static_cast<unsigned>((left + 999'999'999) / 1'000'000'000);
}

CSIM_INTERPOSE int setitimer(__itimer_which_t which, const itimerval* fresh,
                             itimerval* old) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(setitimer)(which, fresh, old);
  if (which != ITIMER_REAL) ReportUncontrolled("setitimer (a timer of processor time)");
  if (fresh == nullptr) {
    errno = EFAULT;
    return -1;
  }
  if (Nanoseconds(fresh->it_interval) != 0) ReportUncontrolled("setitimer (a periodic timer)");
  const uint64_t left = Left();
  if (old != nullptr) {
    *old = {};
    old->it_value.tv_sec = static_cast<time_t>(left / 1'000'000'000);
    old->it_value.tv_usec = static_cast<suseconds_t>(left % 1'000'000'000 / 1000);
  }
  Set(Nanoseconds(fresh->it_value));
  return 0;
}
