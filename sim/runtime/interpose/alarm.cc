// alarm, setitimer, timer_create and their relatives.
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/interpose/process_timers.h"
#include "sim/runtime/reports.h"

using namespace csim;

namespace {

constexpr uint64_t kSecond = 1'000'000'000;

uint64_t Nanoseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * kSecond + static_cast<uint64_t>(time.tv_usec) * 1000;
}
uint64_t Nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * kSecond + static_cast<uint64_t>(time.tv_nsec);
}

timeval TimevalOf(uint64_t nanoseconds) {
  return {static_cast<time_t>(nanoseconds / kSecond),
          static_cast<suseconds_t>(nanoseconds % kSecond / 1000)};
}
timespec TimespecOf(uint64_t nanoseconds) {
  return {static_cast<time_t>(nanoseconds / kSecond), static_cast<long>(nanoseconds % kSecond)};
}

itimerval ItimervalOf(const TimerTimes& times) {
  return {TimevalOf(times.interval), TimevalOf(times.left)};
}
itimerspec ItimerspecOf(const TimerTimes& times) {
  return {TimespecOf(times.interval), TimespecOf(times.left)};
}

bool Valid(const timeval& time) {
  return time.tv_sec >= 0 && time.tv_usec >= 0 && time.tv_usec < 1'000'000;
}
bool Valid(const timespec& time) { return time.tv_sec >= 0 && ValidTime(&time); }

template <typename Value>
void Give(Value* to, const Value& value) {
  if (to == nullptr) return;
  NoteWrites(to, sizeof value);
  *to = value;
}

int NumberOf(timer_t timer) { return static_cast<int>(reinterpret_cast<intptr_t>(timer)); }

// What the event of a timer_create asks for. 0 or an errno.
int SignalOf(const sigevent& event, TimerSignal* signal) {
  *signal = {event.sigev_signo, event.sigev_value.sival_int, SI_TIMER, kNoTask, CLOCK_REALTIME};
  switch (event.sigev_notify) {
    case SIGEV_NONE: signal->signal = 0; return 0;
    case SIGEV_THREAD: ReportUncontrolled("timer_create with SIGEV_THREAD");
    case SIGEV_THREAD_ID: {
      const Machine& machine = g_runtime.machine();
      const auto task = static_cast<uint32_t>(event._sigev_un._tid) - Machine::kFirstPid;
      if (task >= machine.task_count()) return EINVAL;
      signal->to = TaskId{static_cast<uint16_t>(task)};
      if (machine.task(signal->to).process != g_runtime.process) return EINVAL;
      [[fallthrough]];
    }
    case SIGEV_SIGNAL: return signal->signal > 0 && signal->signal < 65 ? 0 : EINVAL;
    default: return EINVAL;
  }
}

}  // namespace

CSIM_INTERPOSE unsigned alarm(unsigned seconds) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(alarm)(seconds);
  const TimerTimes before = SetTimer(kRealTimer, {seconds * kSecond, 0});
  return static_cast<unsigned>((before.left + kSecond - 1) / kSecond);
}

CSIM_INTERPOSE int setitimer(__itimer_which_t which, const itimerval* fresh,
                             itimerval* old) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(setitimer)(which, fresh, old);
  if (which != ITIMER_REAL) ReportUncontrolled("setitimer (a timer of processor time)");
  if (fresh == nullptr) return Answer<int>(-EFAULT);
  NoteReads(fresh, sizeof *fresh);
  if (!Valid(fresh->it_value) || !Valid(fresh->it_interval)) return Answer<int>(-EINVAL);
  const TimerTimes times{Nanoseconds(fresh->it_value), Nanoseconds(fresh->it_interval)};
  Give(old, ItimervalOf(SetTimer(kRealTimer, times)));
  return 0;
}

CSIM_INTERPOSE int getitimer(__itimer_which_t which, itimerval* now) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(getitimer)(which, now);
  if (which != ITIMER_REAL) ReportUncontrolled("getitimer (a timer of processor time)");
  Give(now, ItimervalOf(TimesOf(kRealTimer)));
  return 0;
}

CSIM_INTERPOSE int timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timer_create)(clock, event, timer);
  if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0) {
    ReportUncontrolled("timer_create (a timer of processor time)");
  }
  TimerSignal signal{SIGALRM, 0, SI_TIMER, kNoTask, clock, event == nullptr};
  if (event != nullptr) {
    NoteReads(event, sizeof *event);
    if (const int error = SignalOf(*event, &signal); error != 0) return Answer<int>(-error);
  }
  signal.clock = clock;
  const int number = NewTimer(signal);
  if (number < 0) return Answer<int>(-EAGAIN);
  Give(timer, reinterpret_cast<timer_t>(static_cast<intptr_t>(number)));
  return 0;
}

CSIM_INTERPOSE int timer_settime(timer_t timer, int flags, const itimerspec* fresh,
                                 itimerspec* old) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timer_settime)(timer, flags, fresh, old);
  if (!IsTimer(NumberOf(timer)) || fresh == nullptr) return Answer<int>(-EINVAL);
  NoteReads(fresh, sizeof *fresh);
  if (!Valid(fresh->it_value) || !Valid(fresh->it_interval)) return Answer<int>(-EINVAL);
  TimerTimes times{Nanoseconds(fresh->it_value), Nanoseconds(fresh->it_interval)};
  if (times.left != 0 && (flags & TIMER_ABSTIME) != 0) {
    const uint64_t now = g_runtime.machine().now();
    const uint64_t then = DeadlineOf(ClockOf(NumberOf(timer)), &fresh->it_value);
    times.left = then > now ? then - now : 1;
  }
  Give(old, ItimerspecOf(SetTimer(NumberOf(timer), times)));
  return 0;
}

CSIM_INTERPOSE int timer_gettime(timer_t timer, itimerspec* now) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timer_gettime)(timer, now);
  if (!IsTimer(NumberOf(timer))) return Answer<int>(-EINVAL);
  Give(now, ItimerspecOf(TimesOf(NumberOf(timer))));
  return 0;
}

CSIM_INTERPOSE int timer_getoverrun(timer_t timer) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timer_getoverrun)(timer);
  ReportUncontrolled("timer_getoverrun");
}

CSIM_INTERPOSE int timer_delete(timer_t timer) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(timer_delete)(timer);
  if (!IsTimer(NumberOf(timer))) return Answer<int>(-EINVAL);
  DeleteTimer(NumberOf(timer));
  return 0;
}
