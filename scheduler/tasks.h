// Small things that several strategies need.
#ifndef CSIM_SCHEDULER_TASKS_H_
#define CSIM_SCHEDULER_TASKS_H_

#include <cstdint>

#include "model/ids.h"
#include "model/machine.h"
#include "model/operation.h"

namespace csim {

// Calls visit(task, alternatives) for each enabled task, in order of creation from the first with
// an index of at least `first`, round to the one before it. Stops when visit returns true.
template <typename Visit>
void ForEachEnabled(const Machine& machine, uint32_t first, Visit visit) {
  const auto& live = machine.live_tasks();
  size_t count = live.size();
  size_t at = 0;
  while (at < count && Index(live[at]) < first) ++at;
  for (size_t i = 0; i < count; ++i, ++at) {
    if (at >= count) at -= count;
    Alternatives alternatives = machine.EnabledOf(live[at]);
    if (alternatives.Any() && visit(live[at], alternatives)) return;
  }
}

// An operation by which a task lets others go first.
inline bool IsYield(OpKind kind) { return kind == OpKind::kYield || kind == OpKind::kSleep; }

// True if nothing that other tasks do can change what the pending operation of `task` does or the
// ways it can be done, now that it is enabled, nor the other way round. (One that can be cancelled
// is not: whether the request comes before it makes a difference; nor is one that a signal may prevent.)
inline bool IsLocal(const TaskState& task) {
  const OperationRow& row = RowOf(task.pending.kind);
  return row.footprint == Footprint::kLocal && row.footprint2 == Footprint::kLocal &&
         !task.cancelable && !task.exposed && task.pending.spin == Spin::kNone;
}

// In virtual time an operation times out when nobody else can go on: whatever others do matters.
inline bool EndsByTime(const MachineOptions& options, const Operation& operation,
                       uint32_t alternative) {
  if (options.timeouts_any || operation.deadline == kNoDeadline) return false;
  return alternative == kTimeout || operation.kind == OpKind::kSleep;
}

}  // namespace csim

#endif  // CSIM_SCHEDULER_TASKS_H_
