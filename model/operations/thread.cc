// Threads: create, start, exit, join, detach, cancel; and the end of the process.
#include <cerrno>

#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

const TaskState& Target(const Machine& m, const TaskState& task) {
  return m.task(m.object(task.pending.object).owner);
}
TaskState& Target(Machine& m, const TaskState& task) {
  return m.task(m.object(task.pending.object).owner);
}

OpResult Create(Machine& m, TaskState& task, uint32_t) {
  StartChild(m, task);
  return {};
}

OpResult Exit(Machine& m, TaskState& task, uint32_t) {
  m.EndTask(task);
  return {};
}

// A join that can never work returns at once.
bool JoinFails(const TaskState& task, const TaskState& target) {
  return target.id == task.id || target.detached || target.joined;
}

bool JoinReturns(const Machine& m, const TaskState& task) {
  const TaskState& target = Target(m, task);
  return target.status == TaskStatus::kFinished || JoinFails(task, target);
}

Alternatives JoinEnabled(const Machine& m, const TaskState& task) {
  return If(JoinReturns(m, task));
}

// That a task has ended can be seen by joining it only, so it might as well take a moment longer: a
// timed join can time out, and a try join find it busy, in any case.
Alternatives TimedJoinEnabled(const Machine& m, const TaskState& task) {
  if (JoinFails(task, Target(m, task))) return {kNormal, 1};
  uint32_t first = JoinReturns(m, task) ? kNormal : kTimeout;
  uint32_t last = task.pending.deadline == kNoDeadline ? kNormal : kTimeout;
  return {first, last + 1 - first};
}

Alternatives TryJoinEnabled(const Machine& m, const TaskState& task) {
  if (Target(m, task).detached || Target(m, task).joined) return {kNormal, 1};
  bool ended = Target(m, task).status == TaskStatus::kFinished;
  return ended ? Alternatives{kNormal, 2} : Alternatives{kTimeout, 1};
}

OpResult Join(Machine& m, TaskState& task, uint32_t alternative) {
  if (alternative == kTimeout) return TimedOut(m, task);
  TaskState& target = Target(m, task);
  if (target.id == task.id) {
    m.ReportMisuse(Misuse::kJoinSelf, task.pending.object);
    return Failed(EDEADLK);
  }
  if (JoinFails(task, target)) {
    m.ReportMisuse(Misuse::kJoinTwice, task.pending.object);
    return Failed(EINVAL);
  }
  target.joined = true;
  Transfer(m, target.id, task.id);
  return {};
}

OpResult TryJoin(Machine& m, TaskState& task, uint32_t alternative) {
  return alternative == kTimeout ? Failed(EBUSY) : Join(m, task, kNormal);
}

OpResult Detach(Machine& m, TaskState& task, uint32_t) {
  TaskState& target = Target(m, task);
  if (target.detached || target.joined) {
    m.ReportMisuse(Misuse::kJoinTwice, task.pending.object);
    return Failed(EINVAL);
  }
  target.detached = true;
  return {};
}

OpResult Cancel(Machine& m, TaskState& task, uint32_t) {
  Target(m, task).cancel_requested = true;
  return {};
}

constexpr ObjectKind kNone = ObjectKind::kNone;
constexpr ObjectKind kThread = ObjectKind::kThread;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kWrite = Footprint::kWrite;
constexpr Footprint kGlobal = Footprint::kGlobal;

}  // namespace
}  // namespace operations

using namespace operations;

// Create and start only make the new task's own operations possible. A join, once enabled, can be
// neither disabled nor changed by correct programs; two joins of one thread are misuse in either
// order. Detach and those two meet only in misuse too, but show it as a different result: kWrite.
// Try and timed join become enabled in one more way when the other task ends, which happens
// together with its last operation, whatever that is: kGlobal. Cancel enables whatever the other
// task waits in: kGlobal.
const OperationRow kThreadRows[9] = {
    {OpKind::kThreadCreate, "thread_create", kThread, kLocal, kLocal, Always, Create},
    {OpKind::kThreadStart, "thread_start", kThread, kLocal, kLocal, Always, NoEffect},
    {OpKind::kThreadExit, "thread_exit", kThread, kLocal, kLocal, Never, Exit},
    {OpKind::kThreadJoin, "thread_join", kThread, kLocal, kLocal, JoinEnabled, Join},
    {OpKind::kThreadTimedJoin, "thread_timedjoin", kThread, kGlobal, kLocal, TimedJoinEnabled,
     Join},
    {OpKind::kThreadTryJoin, "thread_tryjoin", kThread, kGlobal, kLocal, TryJoinEnabled, TryJoin},
    {OpKind::kThreadDetach, "thread_detach", kThread, kWrite, kLocal, Always, Detach},
    {OpKind::kThreadCancel, "thread_cancel", kThread, kGlobal, kLocal, Always, Cancel},
    {OpKind::kProcessExit, "process_exit", kNone, kGlobal, kLocal, Always, NoEffect},
};

}  // namespace csim
