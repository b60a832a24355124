// Semaphores. ObjectState::count is the value.
#include <cerrno>
#include <limits>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

bool Positive(const Machine& m, const TaskState& task) {
  return m.object(task.pending.object).count != 0;
}

Alternatives WaitEnabled(const Machine& m, const TaskState& task) { return If(Positive(m, task)); }

Alternatives TimedWaitEnabled(const Machine& m, const TaskState& task) {
  return IfOrTimeout(Positive(m, task), task);
}

OpResult Wait(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  --m.object(task.pending.object).count;
  Acquire(m, task, task.pending.object);
  return {};
}

OpResult TryWait(Machine& m, TaskState& task, uint32_t) {
  return Positive(m, task) ? Wait(m, task, kNormal) : Failed(EAGAIN);
}

OpResult Post(Machine& m, TaskState& task, uint32_t) {
  constexpr uint64_t kMaxValue = std::numeric_limits<int32_t>::max();
  ObjectState& semaphore = m.object(task.pending.object);
  if (task.pending.argument > kMaxValue - semaphore.count) return Failed(EOVERFLOW);
  semaphore.count += static_cast<uint32_t>(task.pending.argument);
  m.NoteChange(task.pending.object);
  Release(m, task, task.pending.object);
  return {};
}

OpResult GetValue(Machine& m, TaskState& task, uint32_t) {
  return {.value = m.object(task.pending.object).count};
}

constexpr ObjectKind kSemaphore = ObjectKind::kSemaphore;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kRead = Footprint::kRead;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

const OperationRow kSemaphoreRows[5] = {
    {OpKind::kSemWait, "sem_wait", kSemaphore, kWrite, kLocal, WaitEnabled, Wait},
    {OpKind::kSemTryWait, "sem_trywait", kSemaphore, kWrite, kLocal, Always, TryWait},
    {OpKind::kSemTimedWait, "sem_timedwait", kSemaphore, kWrite, kLocal, TimedWaitEnabled, Wait},
    {OpKind::kSemPost, "sem_post", kSemaphore, kWrite, kLocal, Always, Post},
    {OpKind::kSemGetValue, "sem_getvalue", kSemaphore, kRead, kLocal, Always, GetValue},
};

}  // namespace csim
