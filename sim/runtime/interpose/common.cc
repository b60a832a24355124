#include "sim/runtime/interpose/common.h"

#include <errno.h>
#include <pthread.h>

#include <bit>

#include "sim/runtime/delivery.h"
#include "sim/runtime/reports.h"

namespace csim {

OpResult DoTimed(OpKind kind, ObjectId object, uint64_t deadline, uint64_t argument) {
  Operation operation;
  operation.kind = kind;
  operation.object = object;
  operation.argument = argument;
  operation.deadline = deadline;
  return Perform(operation);
}

OpResult Do(OpKind kind, ObjectId object, uint64_t argument) {
  return DoTimed(kind, object, kNoDeadline, argument);
}

void CheckCancelled() {
  const TaskBody& body = g_runtime.body(g_runtime.current());
  const TaskState& task = g_runtime.machine().task(g_runtime.current());
  if (task.cancel_requested && !body.cancel_disabled && !body.exiting) {
    pthread_exit(PTHREAD_CANCELED);
  }
}

namespace {

// The nth signal of the set.
int SignalIn(SignalSet set, int64_t n) {
  while (n-- > 0) set &= set - 1;
  return __builtin_ctzll(set) + 1;
}

// What belongs to an operation beside itself: its late argument, and for a poll, the look at what it waits for.
struct Calls {
  uint64_t (*argument)(void*) = nullptr;
  bool (*look)(void*) = nullptr;
  void* context = nullptr;
};

struct Performed {
  OpResult result;
  bool timed_out;
};

Performed PerformCancelable(const Operation& operation, const Calls& calls) {
  const TaskId self = g_runtime.current();
  const TaskBody& body = g_runtime.body(self);
  g_runtime.machine().task(self).cancelable = !body.cancel_disabled && !body.exiting;
  const OpResult result = PerformLate(operation, calls.argument, calls.context);
  g_runtime.machine().task(self).cancelable = false;
  if (result.error == ECANCELED) CheckCancelled();
  if (!IsPoll(operation.kind)) return {result, result.error == ETIMEDOUT};
  const bool found = result.error == 0 && calls.look != nullptr && calls.look(calls.context);
  return {result, result.error == 0 && result.value == 0 && !found};
}

// A wait that one of these signals may end: that is a way in which it times out.
OpResult PerformInterruptible(Operation operation, SignalSet signals, const Calls& calls) {
  const bool timed = operation.deadline != kNoDeadline;
  if (!timed) operation.deadline = g_runtime.machine().now();
  const auto [result, timed_out] = PerformCancelable(operation, calls);
  TaskBody& body = g_runtime.body(g_runtime.current());
  body.was_interrupted = false;
  if (!timed_out) return result;
  const auto ways = static_cast<uint64_t>(std::popcount(signals)) + (timed ? 1 : 0);
  const int64_t way = ways == 1 ? 0 : Do(OpKind::kChoose, kNoObject, ways).value;
  if (timed && way == 0) return result;
  body.was_interrupted = true;
  if (HandleFromOutside(SignalIn(signals, timed ? way - 1 : way))) return {.error = EINTR};
  if (!timed) operation.deadline = kNoDeadline;
  return PerformCancelable(operation, calls).result;
}

OpResult DoWith(const Operation& operation, const Calls& calls) {
  const bool waits = !IsPoll(operation.kind) || Machine::Waits(operation.argument);
  const SignalSet signals = waits ? SignalsFromOutside(operation.kind) : 0;
  if (signals != 0) return PerformInterruptible(operation, signals, calls);
  const OpResult result = PerformCancelable(operation, calls).result;
  if (waits) g_runtime.body(g_runtime.current()).was_interrupted = false;
  return result;
}

}  // namespace

OpResult DoCancelable(Operation operation, uint64_t (*argument)(void*), void* context) {
  return DoWith(operation, {.argument = argument, .context = context});
}

OpResult DoPoll(const Operation& operation, bool (*look)(void*), void* context) {
  return DoWith(operation, {.look = look, .context = context});
}

bool ValidTime(const timespec* time) {
  return time == nullptr || (time->tv_nsec >= 0 && time->tv_nsec < 1'000'000'000);
}

uint64_t DeadlineOf(clockid_t clock, const timespec* time) {
  if (time == nullptr) return kNoDeadline;
  if (time->tv_sec < 0) return 0;
  if (static_cast<uint64_t>(time->tv_sec) > uint64_t{1} << 33) return kNoDeadline - 1;
  const uint64_t base = clock == CLOCK_REALTIME ? kEpochNanoseconds : kBootNanoseconds;
  const uint64_t absolute =
      static_cast<uint64_t>(time->tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time->tv_nsec);
  return absolute > base ? absolute - base : 0;
}

namespace {

// A lock or condition variable in a heap block that is no more.
void CheckNotFreed(void* address) {
  if (!g_runtime.heap.Contains(address)) return;
  const ShadowCell& cell = g_runtime.shadow.CellOf(reinterpret_cast<uintptr_t>(address));
  if (MarkOf(cell) != CellMark::kFreed || PayloadOf(cell) != g_runtime.execution().number) return;
  ReportMemory("use after free", reinterpret_cast<uintptr_t>(address), 8, true,
               g_runtime.CallSite());
}

}  // namespace

ObjectId StampedObject(void* address, uint32_t* stamp, ObjectKind kind, bool* is_new) {
  CheckNotFreed(address);
  return g_runtime.objects().FindStamped(address, stamp, kind, g_runtime.CallSite(), is_new);
}

void ForgetObject(void* address, ObjectKind kind) {
  g_runtime.objects().Forget(reinterpret_cast<uintptr_t>(address), kind);
}

int DestroyObject(void* address, uint32_t* stamp, ObjectKind kind) {
  bool is_new = false;
  const ObjectId id = StampedObject(address, stamp, kind, &is_new);
  const OpResult result = Do(OpKind::kDestroy, id);
  if (result.error == 0) *stamp = ObjectTable::kDestroyedStamp;
  return result.error;
}

}  // namespace csim
