#include "report/steps_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <vector>

#include "model/trace/user_code.h"
#include "report/event_text.h"

namespace csim {

namespace {

// Of a task's column: as wide as its widest cell, within these bounds.
constexpr size_t kNarrow = 30;
constexpr size_t kWide = 44;

std::string Cut(std::string text, size_t width) {
  if (text.size() > width) text = text.substr(0, width - 2) + "..";
  return text;
}

// "transfer 81: " in a coroutine, since its thread's name does not say in which; else "81: ".
std::string WhereText(const TraceEvent& e) {
  if (!e.place.known()) return "";
  const Frame* coroutine = InnermostCoroutine(e.stack);
  return fmt::format("{}{}: ", coroutine == nullptr ? "" : coroutine->function + " ",
                     UserPlace(e.place, e.stack).user_line());
}

// Whether the trace is that of a livelock whose cycle begins with this step.
bool BeginsCycle(const Trace& trace, uint64_t step) {
  if (trace.findings.empty() || trace.findings[0].cycle_length == 0) return false;
  return trace.findings[0].cycle_begin == step;
}

}  // namespace

std::string Indented(const std::string& text, size_t columns) {
  std::istringstream stream(text);
  std::string result;
  for (std::string line; std::getline(stream, line);) {
    result += std::string(columns, ' ') + line + "\n";
  }
  return result;
}

std::string StepsText(const Trace& trace, uint64_t last, size_t count) {
  std::vector<const TraceEvent*> events;
  for (const TraceEvent& e : trace.events) {
    if (e.step <= last) events.push_back(&e);
  }
  if (events.size() > count)
    events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(count));
  if (events.empty()) return "";
  std::set<int> tasks;
  for (const TraceEvent* e : events) tasks.insert(e->task);
  std::vector<std::string> cells;
  size_t width = kNarrow;
  for (const TraceEvent* e : events) {
    cells.push_back(Cut(WhereText(*e) + EventText(trace, *e), kWide));
    width = std::max(width, cells.back().size());
  }
  std::string text = "  Last steps:\n   step";
  for (const int t : tasks) {
    const std::string name = t >= 0 && static_cast<size_t>(t) < trace.tasks.size()
                                 ? trace.tasks[static_cast<size_t>(t)].name
                                 : "?";
    text += fmt::format(" | {:<{}}", name, width);
  }
  text += "\n";
  bool marked = false;
  bool cycles = false;
  for (size_t i = 0; i < events.size(); ++i) {
    const bool mark = trace.inevitable_step != 0 && events[i]->step == trace.inevitable_step;
    const bool begins = BeginsCycle(trace, events[i]->step);
    text += fmt::format("{} {:>5}", mark ? '>' : begins ? '@' : ' ', events[i]->step);
    marked |= mark;
    cycles |= begins;
    for (const int t : tasks)
      text += fmt::format(" | {:<{}}", t == events[i]->task ? cells[i] : "", width);
    while (text.back() == ' ') text.pop_back();
    text += "\n";
  }
  if (cycles) text += "  @ from here to the last step: again and again\n";
  if (marked) text += "  > from here on it always comes to this, whatever is chosen\n";
  return text + "\n";
}

}  // namespace csim
