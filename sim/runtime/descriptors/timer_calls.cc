// timerfd: timers of virtual time, read as from a file.
#include <sys/timerfd.h>

#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

namespace {

uint64_t NanosecondsOf(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

timespec TimespecOf(uint64_t nanoseconds) {
  return {static_cast<time_t>(nanoseconds / 1'000'000'000),
          static_cast<long>(nanoseconds % 1'000'000'000)};
}

Timer* TimerOf(int fd, long* error) {
  const OpenFile* file = FileOf(fd);
  const bool open = file != nullptr || RawSyscall(SYS_fcntl, fd, 1 /* F_GETFD */, 0) >= 0;
  *error = open ? -EINVAL : -EBADF;
  return file != nullptr && file->kind == FileKind::kTimer ? &All().timers[file->detail] : nullptr;
}

itimerspec RestOf(const Timer& timer) {
  itimerspec rest{};
  rest.it_interval = TimespecOf(timer.interval);
  const uint64_t now = g_runtime.machine().now();
  if (timer.next != kNoDeadline && timer.next > now) rest.it_value = TimespecOf(timer.next - now);
  return rest;
}

}  // namespace

uint64_t Expirations(Timer& timer) {
  const uint64_t now = g_runtime.machine().now();
  if (timer.next > now || timer.next == kNoDeadline) return 0;
  if (timer.interval == 0) {
    timer.next = kNoDeadline;
    return 1;
  }
  const uint64_t times = 1 + (now - timer.next) / timer.interval;
  timer.next += times * timer.interval;
  return times;
}

long SysTimerfdCreate(int clock, int flags) {
  OpenFile file;
  file.kind = FileKind::kTimer;
  file.reads = true;
  file.non_blocking = (flags & TFD_NONBLOCK) != 0;
  file.made_at = g_runtime.CallSite();
  file.detail = static_cast<uint32_t>(All().timers.size());
  All().timers.push_back({clock, kNoDeadline, 0});
  return Install(file, (flags & TFD_CLOEXEC) != 0);
}

long SysTimerfdSettime(int fd, int flags, const itimerspec* fresh, itimerspec* old) {
  long error = 0;
  Timer* timer = TimerOf(fd, &error);
  if (timer == nullptr) return error;
  NoteReads(fresh, sizeof *fresh);
  if (!ValidTime(&fresh->it_value) || !ValidTime(&fresh->it_interval)) return -EINVAL;
  if (old != nullptr) {
    const itimerspec rest = RestOf(*timer);
    NoteWrites(old, sizeof *old);
    *old = rest;
  }
  timer->interval = NanosecondsOf(fresh->it_interval);
  const uint64_t value = NanosecondsOf(fresh->it_value);
  if (value == 0) {
    timer->next = kNoDeadline;
  } else if ((flags & TFD_TIMER_ABSTIME) != 0) {
    timer->next = DeadlineOf(timer->clock, &fresh->it_value);
  } else {
    timer->next = g_runtime.machine().now() + value;
  }
  return 0;
}

long SysTimerfdGettime(int fd, itimerspec* now) {
  long error = 0;
  const Timer* timer = TimerOf(fd, &error);
  if (timer == nullptr) return error;
  const itimerspec rest = RestOf(*timer);
  NoteWrites(now, sizeof *now);
  *now = rest;
  return 0;
}

long TimerRead(OpenFile file, void* buffer, size_t size) {
  if (size < sizeof(uint64_t)) return -EINVAL;
  for (;;) {
    const uint64_t times = Expirations(All().timers[file.detail]);
    if (times != 0) {
      NoteWrites(buffer, sizeof times);
      memcpy(buffer, &times, sizeof times);
      return sizeof times;
    }
    if (file.non_blocking) return -EAGAIN;
    Operation operation;
    operation.kind = OpKind::kSleep;
    operation.deadline = All().timers[file.detail].next;
    if (const int error = DoCancelable(operation).error; error != 0) return -error;
  }
}

}  // namespace csim
