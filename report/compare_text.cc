#include "report/compare_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/trace/user_code.h"
#include "report/event_text.h"
#include "report/quoted.h"

namespace csim {
namespace {

constexpr size_t kBefore = 3;  // steps that both have, before they part
constexpr size_t kAfter = 16;
constexpr size_t kWidest = 48;

std::string StepText(const Trace& trace, size_t index) {
  if (index >= trace.events.size()) return "";
  const TraceEvent& e = trace.events[index];
  const bool known = e.task >= 0 && static_cast<size_t>(e.task) < trace.tasks.size();
  const Place place = UserPlace(e.place, e.stack);
  std::string text = known ? trace.tasks[static_cast<size_t>(e.task)].name : "?";
  if (place.known()) text += fmt::format(" {}", place.user_line());
  text += ": " + EventText(trace, e);
  return text.size() > kWidest ? text.substr(0, kWidest - 2) + ".." : text;
}

}  // namespace

std::string CompareText(const FoundFinding& found) {
  if (!found.passing) return "";
  const Trace& fails = found.trace;
  const Trace& passes = *found.passing;
  const auto parting_event =
      std::find_if(fails.events.begin(), fails.events.end(),
                   [&](const TraceEvent& e) { return e.step >= found.parting_step; });
  const auto parting = static_cast<size_t>(parting_event - fails.events.begin());
  const auto finding_event =
      std::find_if(fails.events.begin(), fails.events.end(),
                   [&](const TraceEvent& e) { return e.step > found.finding.step; });
  const auto end_of_failing = static_cast<size_t>(finding_event - fails.events.begin());
  const size_t begin = parting < kBefore ? 0 : parting - kBefore;
  const size_t end = std::min(std::max(end_of_failing, passes.events.size()), parting + kAfter);
  size_t width = 10;
  for (size_t i = begin; i < end; ++i) width = std::max(width, StepText(fails, i).size());
  std::string text = fmt::format(
      "  Beside the nearest execution without it (they part at step {}):\n   step | {:<{}} | "
      "passes\n",
      found.parting_step, "fails", width);
  for (size_t i = begin; i < end; ++i) {
    const std::string left = i < end_of_failing    ? StepText(fails, i)
                             : i == end_of_failing ? "(" + found.finding.kind + ")"
                                                   : "";
    const std::string right = i < parting ? "the same" : StepText(passes, i);
    text += fmt::format("{} {:>5} | {:<{}} | {}\n", i == parting ? '>' : ' ', i + 1, left, width,
                        right);
    while (text.size() > 1 && text[text.size() - 2] == ' ') text.erase(text.size() - 2, 1);
  }
  if (end < std::max(end_of_failing, passes.events.size())) text += "        ...\n";
  if (!found.passing_file.empty()) {
    text += fmt::format("  Replay: csim replay {}\n", ShellQuoted(found.passing_file));
  }
  return text + "\n";
}

}  // namespace csim
