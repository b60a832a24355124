// Futexes. Waking orders nothing by itself: the word's atomic accesses do.
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

// The argument of a kFutexBlocked: whether it has been woken, and so has left the queue.
constexpr uint64_t kStillWaiting = 0;
constexpr uint64_t kWoken = 1;

OpResult Wait(Machine& m, TaskState& task, uint32_t) {
  if (task.pending.argument == 0) return Failed(EAGAIN);
  task.pending.argument = kStillWaiting;
  m.Enqueue(m.object(task.pending.object), task);
  return BlockAs(task, OpKind::kFutexBlocked);
}

Alternatives BlockedEnabled(const Machine& m, const TaskState& task) {
  return task.pending.argument == kWoken ? If(true) : TimeoutOrSpurious(m, task);
}

OpResult Blocked(Machine& m, TaskState& task, uint32_t alternative) {
  m.RemoveWaiter(m.object(task.pending.object), task.id);
  return alternative == kTimeout ? TimedOut(m, task) : OpResult{};
}

OpResult Wake(Machine& m, TaskState& task, uint32_t) {
  ObjectState& futex = m.object(task.pending.object);
  OpResult result;
  while (futex.waiters != 0 && static_cast<uint64_t>(result.value) < task.pending.argument) {
    m.task(m.Dequeue(futex)).pending.argument = kWoken;
    ++result.value;
  }
  return result;
}

constexpr ObjectKind kFutex = ObjectKind::kFutex;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kRead = Footprint::kRead;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

// The wait compares the word with the expected value: it reads object2.
const OperationRow kFutexRows[3] = {
    {OpKind::kFutexWait, "futex_wait", kFutex, kWrite, kRead, Always, Wait},
    {OpKind::kFutexBlocked, "futex_blocked", kFutex, kWrite, kLocal, BlockedEnabled, Blocked},
    {OpKind::kFutexWake, "futex_wake", kFutex, kWrite, kLocal, Always, Wake},
};

}  // namespace csim
