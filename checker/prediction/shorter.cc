#include "checker/prediction/shorter.h"

#include <algorithm>

namespace csim {
namespace {

constexpr size_t kMostEvents = 2'000;
constexpr size_t kMostMerges = 60;

// The trace up to the step of its first finding.
Trace UpToFinding(const Trace& trace) {
  Trace cut = trace;
  const uint64_t last = trace.findings.front().step;
  const auto end = std::find_if(cut.events.begin(), cut.events.end(),
                                [&](const TraceEvent& e) { return e.step > last; });
  cut.events.erase(end, cut.events.end());
  std::erase_if(cut.accesses, [&](const TraceAccess& a) { return a.events > cut.events.size(); });
  return cut;
}

bool SamePlace(const Place& a, const Place& b) {
  return a.file == b.file && a.line == b.line && a.column == b.column;
}

// How far each task has to go.
std::vector<int> CutsOf(const Trace& trace, const History& history) {
  const Finding& f = trace.findings.front();
  std::vector<int> cuts(history.of_task.size(), kAnyNumber);
  const auto all_of = [&](int task) {
    if (task < 0 || static_cast<size_t>(task) >= cuts.size()) return;
    cuts[static_cast<size_t>(task)] =
        static_cast<int>(history.of_task[static_cast<size_t>(task)].size());
  };
  if (!f.waits.empty()) {
    const bool cycle = std::any_of(f.waits.begin(), f.waits.end(),
                                   [](const BlockedTask& w) { return w.in_cycle; });
    if (!cycle) {  // all that they have done has led there
      for (size_t t = 0; t < cuts.size(); ++t) all_of(static_cast<int>(t));
    }
    for (const BlockedTask& w : f.waits) all_of(w.task);
    return cuts;
  }
  for (const Side& side : f.sides) {
    all_of(side.task);
    if (f.kind != "data-race" || side.task < 0) continue;
    // Of a race: to the front of the access, so that nothing after it orders the two.
    const auto& events = history.of_task[static_cast<size_t>(side.task)];
    for (size_t i = events.size(); i-- > 0;) {
      const HistoryEvent& e = history.events[static_cast<size_t>(events[i])];
      if (e.access == kNone) continue;
      const TraceAccess& a = history.accesses[static_cast<size_t>(events[i])];
      if (!SamePlace(trace.access_places[a.place], side.place)) continue;
      // An access that is an operation has to be done, one that follows an operation comes by itself.
      cuts[static_cast<size_t>(side.task)] = static_cast<int>(e.operation == kNone ? i : i + 1);
      break;
    }
  }
  return cuts;
}

}  // namespace

std::vector<ScheduleStep> ScheduleOf(const Trace& trace, const History& history,
                                     const Order& order) {
  std::vector<ScheduleStep> schedule;
  for (const int event : order) {
    const int operation = history.events[static_cast<size_t>(event)].operation;
    if (operation == kNone) continue;
    const TraceEvent& e = trace.events[static_cast<size_t>(operation)];
    const auto task = static_cast<uint32_t>(e.task);
    if (!schedule.empty() && schedule.back().task == task &&
        schedule.back().alternative == e.alternative) {
      ++schedule.back().count;
    } else {
      schedule.push_back({task, e.alternative, 1});
    }
  }
  return schedule;
}

uint32_t SwitchesOf(const Trace& trace) {
  uint32_t switches = 0;
  const uint64_t last = trace.findings.empty() ? ~uint64_t{0} : trace.findings.front().step;
  for (size_t i = 1; i < trace.events.size() && trace.events[i].step <= last; ++i) {
    if (trace.events[i].task != trace.events[i - 1].task) ++switches;
  }
  return switches;
}

std::optional<std::vector<ScheduleStep>> ProposeShorter(const Trace& trace) {
  if (trace.findings.empty() || trace.events_lost != 0 || trace.accesses_lost != 0) return {};
  const Trace cut = UpToFinding(trace);
  if (cut.events.size() + cut.accesses.size() > kMostEvents) return {};
  const History history = MakeHistory(cut, kMostEvents);
  const FewestSwitchesResult found = FewestSwitches(history, CutsOf(cut, history));
  if (found.end != QueryEnd::kFound) return {};
  return ScheduleOf(cut, history, found.order);
}

std::vector<std::vector<ScheduleStep>> MergedBlocks(const std::vector<ScheduleStep>& schedule) {
  std::vector<std::vector<ScheduleStep>> all;
  for (size_t i = 0; i < schedule.size(); ++i) {
    for (size_t j = i + 2; j < schedule.size(); ++j) {
      if (schedule[j].task != schedule[i].task) continue;
      // The later one comes sooner, or the sooner one later.
      std::vector<ScheduleStep> sooner = schedule;
      const auto at = [](auto& list, size_t n) { return list.begin() + static_cast<ptrdiff_t>(n); };
      std::rotate(at(sooner, i + 1), at(sooner, j), at(sooner, j + 1));
      all.push_back(std::move(sooner));
      std::vector<ScheduleStep> later = schedule;
      std::rotate(at(later, i), at(later, i + 1), at(later, j));
      all.push_back(std::move(later));
      break;
    }
    if (all.size() >= kMostMerges) break;
  }
  return all;
}

}  // namespace csim
