#include "checker/explanation/lost_wakeup.h"

#include <algorithm>

namespace csim {
namespace {

// Whether somebody was waiting at the condition variable just before the event.
bool SomebodyWaited(const Trace& trace, size_t event, int condition) {
  if (event == 0) return false;
  const auto& tasks = trace.events[event - 1].tasks;
  return std::any_of(tasks.begin(), tasks.end(), [&](const TaskMoment& t) {
    return t.situation == TaskSituation::kWaiting && t.waits_for == condition;
  });
}

bool IsNotify(const TraceEvent& e) {
  return e.operation == "cond_signal" || e.operation == "cond_broadcast";
}

}  // namespace

std::optional<LostWakeup> FindLostWakeup(const Trace& trace, const Finding& deadlock) {
  if (deadlock.kind != "deadlock") return {};
  for (const BlockedTask& w : deadlock.waits) {
    if (w.in_cycle || w.operation != "cond_blocked") continue;
    std::optional<size_t> wait;
    for (size_t i = trace.events.size(); i-- > 0 && !wait;) {
      const TraceEvent& e = trace.events[i];
      if (e.task == w.task && e.operation == "cond_wait" && e.object == w.object) wait = i;
    }
    if (!wait) continue;
    for (size_t i = *wait; i-- > 0;) {
      const TraceEvent& e = trace.events[i];
      if (!IsNotify(e) || e.object != w.object || e.task == w.task) continue;
      if (SomebodyWaited(trace, i, w.object)) break;
      return LostWakeup{i, *wait, w.object};
    }
  }
  return {};
}

}  // namespace csim
