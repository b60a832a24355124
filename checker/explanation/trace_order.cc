#include "checker/explanation/trace_order.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace csim {
namespace {

enum class Edge : uint8_t { kNone, kGives, kTakes, kBoth };

// How an operation passes on what is known, by the object it works on.
Edge EdgeOf(const TraceEvent& e) {
  const std::string_view op = e.operation;
  const auto begins = [&](std::string_view prefix) {
    return op.substr(0, prefix.size()) == prefix;
  };
  if (e.error != 0 && !begins("cond_relock")) return Edge::kNone;
  if (op.find("unlock") != op.npos || op == "sem_post" || op == "once_end" || op == "thread_exit") {
    return Edge::kGives;
  }
  if (op == "cond_wait") return Edge::kGives;
  if (e.blocked) return Edge::kNone;
  if (begins("thread_join") || begins("thread_timedjoin") || op == "once_begin" ||
      begins("sem_wait") || begins("sem_trywait") || begins("sem_timedwait") ||
      op == "cond_relock" || op.find("lock") != op.npos) {
    return Edge::kTakes;
  }
  if (begins("barrier") || begins("channel")) return Edge::kBoth;
  return Edge::kNone;
}

}  // namespace

TraceOrder::TraceOrder(const Trace& trace) : trace_(trace) {
  const size_t tasks = trace.tasks.size();
  std::vector<Clock> of_task(tasks, Clock(tasks, 0));
  std::map<int, Clock> of_object;
  const auto join = [](Clock& into, const Clock& from) {
    for (size_t i = 0; i < std::min(into.size(), from.size()); ++i)
      into[i] = std::max(into[i], from[i]);
  };
  for (const TraceEvent& e : trace.events) {
    if (e.task < 0 || static_cast<size_t>(e.task) >= tasks) {
      clocks_.emplace_back(tasks, 0);
      number_.push_back(0);
      continue;
    }
    Clock& mine = of_task[static_cast<size_t>(e.task)];
    number_.push_back(++mine[static_cast<size_t>(e.task)]);
    const bool of_condition = e.operation.rfind("cond_", 0) == 0;
    const int object = of_condition ? e.object2 : e.object;
    const Edge edge = EdgeOf(e);
    if (object >= 0 && (edge == Edge::kTakes || edge == Edge::kBoth)) {
      const auto it = of_object.find(object);
      if (it != of_object.end()) join(mine, it->second);
    }
    if (object >= 0 && (edge == Edge::kGives || edge == Edge::kBoth)) {
      join(of_object.try_emplace(object, Clock(tasks, 0)).first->second, mine);
    }
    const bool creates = e.operation == "thread_create" || e.operation.rfind("fork", 0) == 0;
    if (creates && e.value < tasks) join(of_task[e.value], mine);
    clocks_.push_back(mine);
  }
}

bool TraceOrder::Knows(size_t event, size_t earlier) const {
  const int task = trace_.events[earlier].task;
  return task >= 0 && clocks_[event][static_cast<size_t>(task)] >= number_[earlier];
}

std::optional<size_t> TraceOrder::LastCommon(size_t a, size_t b) const {
  for (size_t i = std::max(a, b) + 1; i-- > 0;) {
    if (number_[i] != 0 && Knows(a, i) && Knows(b, i)) return i;
  }
  return {};
}

}  // namespace csim
