// Virtual time: sleeps are operations, clocks show the execution's own time.
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "sim/runtime/entry.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

void SleepUntil(uint64_t deadline) {
  Operation operation;
  operation.kind = OpKind::kSleep;
  operation.deadline = deadline;
  DoCancelable(operation);
}

void SleepFor(uint64_t nanoseconds) { SleepUntil(g_runtime.machine().now() + nanoseconds); }

uint64_t Nanoseconds(const timespec* time) {
  return static_cast<uint64_t>(time->tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time->tv_nsec);
}

// Looking at the clock takes a microsecond, so that a loop that waits for a time ends.
uint64_t ReadClock() {
  g_runtime.spins.OnEffect();
  g_runtime.execution().knows_time = true;
  const uint64_t now = g_runtime.machine().now() + 1000;
  g_runtime.machine().set_now(now);
  return now;
}

bool IsWallClock(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

timespec TimeOf(clockid_t clock) {
  uint64_t t = ReadClock();
  if (IsWallClock(clock)) t += kEpochNanoseconds;
  if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE ||
      clock == CLOCK_BOOTTIME) {
    t += kBootNanoseconds;
  }
  return {static_cast<time_t>(t / 1'000'000'000), static_cast<long>(t % 1'000'000'000)};
}

int Nanosleep(const timespec* time, timespec* rest) {
  if (!g_runtime.Active()) return CSIM_REAL(nanosleep)(time, rest);
  if (!ValidTime(time) || time->tv_sec < 0) {
    errno = EINVAL;
    return -1;
  }
  SleepFor(Nanoseconds(time));
  if (rest != nullptr) *rest = {};
  return 0;
}

int ClockNanosleep(clockid_t clock, int flags, const timespec* time, timespec* rest) {
  if (!g_runtime.Active()) return CSIM_REAL(clock_nanosleep)(clock, flags, time, rest);
  if (!ValidTime(time) || time->tv_sec < 0) return EINVAL;
  if ((flags & TIMER_ABSTIME) != 0) {
    SleepUntil(DeadlineOf(clock, time));
  } else {
    SleepFor(Nanoseconds(time));
  }
  if (rest != nullptr) *rest = {};
  return 0;
}

int Usleep(useconds_t microseconds) {
  if (!g_runtime.Active()) return CSIM_REAL(usleep)(microseconds);
  SleepFor(uint64_t{microseconds} * 1000);
  return 0;
}

unsigned Sleep(unsigned seconds) {
  if (!g_runtime.Active()) return CSIM_REAL(sleep)(seconds);
  SleepFor(uint64_t{seconds} * 1'000'000'000);
  return 0;
}

}  // namespace

CSIM_SAVING_ENTRY(int nanosleep(const timespec*, timespec*), Nanosleep)
CSIM_SAVING_ENTRY(int clock_nanosleep(clockid_t, int, const timespec*, timespec*), ClockNanosleep)
CSIM_SAVING_ENTRY(int usleep(useconds_t), Usleep)
CSIM_SAVING_ENTRY(unsigned sleep(unsigned), Sleep)

CSIM_INTERPOSE int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (!g_runtime.Active()) {
    const long result = RawSyscall(SYS_clock_gettime, clock, time);
    if (result == 0) return 0;
    errno = static_cast<int>(-result);
    return -1;
  }
  *time = TimeOf(clock);
  return 0;
}

CSIM_INTERPOSE int gettimeofday(timeval* time, void*) noexcept {
  if (!g_runtime.Active()) return static_cast<int>(RawSyscall(SYS_gettimeofday, time, nullptr));
  const timespec now = TimeOf(CLOCK_REALTIME);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

CSIM_INTERPOSE time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

CSIM_INTERPOSE clock_t clock() noexcept {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<clock_t>(now.tv_sec * CLOCKS_PER_SEC + now.tv_nsec / 1000);
}
