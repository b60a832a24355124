#include "cli/preemptions.h"

#include <algorithm>
#include <iterator>

namespace csim {
namespace {

// Operations for which others wait.
bool MayEndAWait(const TraceEvent& event) {
  static constexpr const char* kOperations[] = {"mutex_unlock",  "cond_wait",      "cond_signal",
                                                "rwlock_unlock", "cond_broadcast", "sem_post",
                                                "spin_unlock",   "once_end",       "futex_wake"};
  return std::find(std::begin(kOperations), std::end(kOperations), event.operation) !=
         std::end(kOperations);
}

bool Meet(const TraceEvent& a, const TraceEvent& b) {
  const auto is_of = [](int object, const TraceEvent& e) {
    return object >= 0 && (object == e.object || object == e.object2);
  };
  return is_of(a.object, b) || is_of(a.object2, b);
}

// Whether the task stood before an operation that it could do when event `at` of another was chosen.
// The trace says how tasks stand after an event only; but nobody can end a wait for what was free.
bool CouldGoOn(const Trace& trace, int task, size_t at) {
  const TraceEvent& event = trace.events[at];
  if (task < 0 || static_cast<size_t>(task) >= event.tasks.size()) return false;
  if (event.tasks[static_cast<size_t>(task)].situation != TaskSituation::kReady) return false;
  const auto next =
      std::find_if(trace.events.begin() + static_cast<ptrdiff_t>(at), trace.events.end(),
                   [&](const TraceEvent& e) { return e.task == task; });
  return next == trace.events.end() || !MayEndAWait(event) || !Meet(event, *next);
}

}  // namespace

uint64_t PreemptionsOf(const Trace& trace) {
  uint64_t preemptions = 0;
  for (size_t i = 1; i < trace.events.size(); ++i) {
    const TraceEvent& before = trace.events[i - 1];
    if (before.task == trace.events[i].task) continue;
    if (before.operation == "yield" || before.operation == "sleep") continue;
    if (CouldGoOn(trace, before.task, i)) ++preemptions;
  }
  return preemptions;
}

}  // namespace csim
