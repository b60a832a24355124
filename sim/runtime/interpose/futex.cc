// syscall(): futexes as libstdc++ and hand-written locks use them, and the thread's own number.
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <unistd.h>

#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/syscall_names.h"

using namespace csim;

namespace {

struct Word {
  const int* address;
  int expected;
};

uint64_t WordMatches(void* word_pointer) {
  const auto* word = static_cast<const Word*>(word_pointer);
  NoteFound(word->address);
  return *static_cast<const volatile int*>(word->address) == word->expected ? 1 : 0;
}

ObjectId FutexOf(const void* address) {
  bool is_new = false;
  return g_runtime.objects().Find(reinterpret_cast<uintptr_t>(address), ObjectKind::kFutex,
                                  g_runtime.CallSite(), &is_new);
}

long Answer(int error, long value) {
  if (error == 0) return value;
  errno = error;
  return -1;
}

// FUTEX_WAIT has a relative time, FUTEX_WAIT_BITSET an absolute one.
uint64_t FutexDeadline(int command, int op, const timespec* time) {
  if (time == nullptr) return kNoDeadline;
  if (command == FUTEX_WAIT) {
    return g_runtime.machine().now() + static_cast<uint64_t>(time->tv_sec) * 1'000'000'000 +
           static_cast<uint64_t>(time->tv_nsec);
  }
  return DeadlineOf((op & FUTEX_CLOCK_REALTIME) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, time);
}

long Futex(long a, long b, long c, long d) {
  auto* address = reinterpret_cast<int*>(a);
  const int op = static_cast<int>(b);
  const int command = op & FUTEX_CMD_MASK;
  if (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) {
    Word word{address, static_cast<int>(c)};
    Operation operation;
    operation.kind = OpKind::kFutexWait;
    operation.object = FutexOf(address);
    operation.deadline = FutexDeadline(command, op, reinterpret_cast<const timespec*>(d));
    bool is_new = false;
    operation.object2 = g_runtime.objects().Find(static_cast<uintptr_t>(a) & ~uintptr_t{7},
                                                 ObjectKind::kMemory, kNoSite, &is_new);
    operation.offset = static_cast<uint8_t>(a & 7);
    operation.size = 4;
    return Answer(PerformLate(operation, &WordMatches, &word).error, 0);
  }
  if (command == FUTEX_WAKE || command == FUTEX_WAKE_BITSET) {
    return Answer(0, static_cast<long>(Do(OpKind::kFutexWake, FutexOf(address),
                                          static_cast<uint64_t>(static_cast<unsigned>(c)))
                                           .value));
  }
  ReportUncontrolled("futex (an operation other than wait and wake)");
}

bool MustBeControlled(long number) {
  for (const TrappedCall& call : kTrappedCalls) {
    if (call.number == number) return true;
  }
  return false;
}

}  // namespace

CSIM_INTERPOSE long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& x : a) x = va_arg(list, long);
  va_end(list);
  if (g_runtime.Active()) {
    if (number == SYS_futex) return Futex(a[0], a[1], a[2], a[3]);
    if (number == SYS_gettid) return gettid();
    if (number == SYS_sched_yield) return sched_yield();
    if (number == SYS_exit || number == SYS_exit_group) _exit(static_cast<int>(a[0]));
    if (MustBeControlled(number)) ReportUncontrolled(SyscallName(number));
    g_runtime.kernel_state.NoteCall(number);
  }
  const long result = csim_raw_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (result >= 0 || result < -4095) return result;
  return Answer(static_cast<int>(-result), -1);
}

CSIM_INTERPOSE pid_t gettid() noexcept {
  if (!g_runtime.Active()) return GetTid();
  return 1000 + static_cast<pid_t>(g_runtime.current());
}
