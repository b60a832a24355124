#include "report/finding_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/trace/user_code.h"
#include "report/compare_text.h"
#include "report/steps_text.h"

namespace csim {

namespace {

constexpr char kLine[] = "==================\n";

std::string Capitalized(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(text[0]));
  return text;
}

// The code line of a place with a caret below its column.
std::string CodeLine(const Place& place, SourceLines& source) {
  std::string line = source.Line(place.file, place.line);
  if (line.empty()) return "";
  std::string marks;
  for (size_t i = 0; i + 1 < place.column && i < line.size(); ++i)
    marks += line[i] == '\t' ? '\t' : ' ';
  return fmt::format("      {:>5} | {}\n            | {}^\n", place.line, line, marks);
}

std::string FrameText(int number, const std::string& function, const Place& place) {
  std::string text =
      fmt::format("    #{} {} {}", number, function.empty() ? "??" : function, PlaceText(place));
  if (!place.text.empty()) text += fmt::format("   {}", place.text);
  return text + "\n";
}

// The innermost place, its code or that of the call into the library, and the calls that led there,
// without a library's own plumbing (how std::thread calls its function).
std::string StackText(const Place& place, const Stack& stack, SourceLines& source) {
  int number = 0;
  const std::string function =
      !place.function.empty() ? place.function : (stack.empty() ? "" : stack[0].function);
  std::string text = FrameText(number++, function, place);
  bool has_code = !IsLibrary(place) || !place.caller_file.empty();
  if (!IsLibrary(place)) text += CodeLine(place, source);
  if (!place.caller_file.empty()) {
    Place caller;
    caller.file = place.caller_file;
    caller.line = place.caller_line;
    const std::string in = stack.empty() ? "" : stack[0].function;
    text += FrameText(number++, in, caller) + CodeLine(caller, source);
  }
  for (size_t i = 1; i < stack.size(); ++i) {
    const Place& call = stack[i].place;
    if (IsLibrary(call) || (!call.known() && stack[i].function.starts_with("std::"))) continue;
    text += FrameText(number++, stack[i].function, call);
    if (!has_code && call.known()) {
      text += CodeLine(call, source);
      has_code = true;
    }
  }
  return text;
}

std::string ObjectText(const Trace& trace, int object) {
  if (object < 0 || static_cast<size_t>(object) >= trace.objects.size()) return "something";
  const TraceObject& o = trace.objects[static_cast<size_t>(object)];
  if (o.name.empty()) return fmt::format("a {} ({})", o.kind, o.where);
  return fmt::format("{} `{}`", o.kind, o.name);
}

std::string LocksText(const Trace& trace, const std::vector<Lock>& locks) {
  if (locks.empty()) return "    holding no locks\n";
  std::string text;
  for (const Lock& l : locks) {
    text += fmt::format("    holding {}{}, taken at {}\n", ObjectText(trace, l.object),
                        l.shared ? " (shared)" : "", PlaceText(l.taken_at));
  }
  return text;
}

std::string RaceText(const FoundFinding& found, SourceLines& source) {
  const Finding& f = found.finding;
  std::string text;
  for (int i : {1, 0}) {
    const Side& side = f.sides[static_cast<size_t>(i)];
    text += fmt::format("  {}{} of size {} by {}:\n", i == 0 ? "Previous " : "",
                        i == 0 ? side.access : Capitalized(side.access), side.size,
                        TaskText(found.trace, side.task));
    text += StackText(side.place, side.stack, source) + LocksText(found.trace, side.locks) + "\n";
  }
  if (!f.where.empty()) text += fmt::format("  Location is {}.\n", f.where);
  std::set<int> shared;
  for (const Lock& a : f.sides[0].locks) {
    for (const Lock& b : f.sides[1].locks) {
      if (a.object == b.object && a.object >= 0) shared.insert(a.object);
    }
  }
  text += shared.empty() ? "  Nothing orders the two: no lock is held at both, and no "
                           "synchronisation leads from one to the other.\n"
                         : "  Nothing orders the two, although both hold a lock in common (shared "
                           "mode does not exclude).\n";
  return text;
}

std::string WaitText(const Trace& trace, const BlockedTask& w, SourceLines& source) {
  std::string text = fmt::format("  {} ", TaskText(trace, w.task));
  const bool joins =
      w.operation.rfind("thread_", 0) == 0 || (w.operation == "wait" && w.holder >= 0);
  if (w.spins) {
    text += w.object < 0 ? "spins without looking at anything that others could change:\n"
                         : fmt::format("spins until {} changes:\n", ObjectText(trace, w.object));
  } else if (!w.detail.empty()) {
    text += fmt::format("waits {}:\n", w.detail);
    return text + StackText(w.place, w.stack, source);
  } else if (w.operation == "pause" || w.operation == "sigwait") {
    text += "waits for a signal:\n";
  } else if (joins) {
    text += fmt::format("waits for {} to end:\n", TaskText(trace, w.holder));
  } else {
    text += fmt::format("waits for {}:\n", ObjectText(trace, w.object));
  }
  text += StackText(w.place, w.stack, source);
  if (joins) return text;
  if (w.holder >= 0) {
    text += fmt::format("    which {} holds since {}\n", TaskText(trace, w.holder),
                        PlaceText(w.holder_place));
    if (static_cast<size_t>(w.holder) < trace.tasks.size()) {
      const TraceTask& holder = trace.tasks[static_cast<size_t>(w.holder)];
      if (w.elsewhere) {
        text += fmt::format(
            "    and which is not in this process: fork copied the lock while it was held, but "
            "only the task that forked\n");
      } else if (holder.finished) {
        text += "    and which has ended\n";
      }
    }
  } else if (w.spins) {
    text += "    and nobody is left who could change that\n";
  } else {
    const bool signal = w.operation == "pause" || w.operation == "sigwait";
    text += signal ? "    and nobody is left who could send one\n"
                   : "    and nobody is left who could wake it\n";
  }
  return text;
}

std::string DeadlockText(const FoundFinding& found, SourceLines& source) {
  std::string text;
  const auto cycle = std::any_of(found.finding.waits.begin(), found.finding.waits.end(),
                                 [](const BlockedTask& w) { return w.in_cycle; });
  if (cycle) {
    text += "  Cycle:";
    for (const BlockedTask& w : found.finding.waits) {
      if (!w.in_cycle) continue;
      text += fmt::format(
          " {} -> {} ->",
          TaskText(found.trace, w.task).substr(0, TaskText(found.trace, w.task).find(' ')),
          ObjectText(found.trace, w.object));
    }
    text += " (back to the first)\n\n";
  }
  for (const BlockedTask& w : found.finding.waits) text += WaitText(found.trace, w, source) + "\n";
  return text;
}

// What each task does in the cycle of a livelock.
std::string CycleText(const FoundFinding& found) {
  const Finding& f = found.finding;
  std::string text = fmt::format("  Steps {} to {} lead back to the same state. In them\n",
                                 f.cycle_begin, f.cycle_begin + f.cycle_length - 1);
  int task = -1;
  for (const Side& side : f.sides) {
    if (side.task != task) text += fmt::format("  {}:\n", TaskText(found.trace, side.task));
    task = side.task;
    const Place place = UserPlace(side.place, side.stack);
    text += fmt::format("    {} at {}:{}\n", side.access, place.user_file(), place.user_line());
  }
  return text;
}

std::string OtherText(const FoundFinding& found, SourceLines& source) {
  const Finding& f = found.finding;
  std::string text;
  if (f.sides.empty()) return text;
  const Side& side = f.sides[0];
  text += fmt::format(
      "  {}in {}:\n",
      side.access.empty() ? "" : Capitalized(side.access) + fmt::format(" of size {} ", side.size),
      TaskText(found.trace, side.task));
  text += StackText(side.place, side.stack, source) + LocksText(found.trace, side.locks) + "\n";
  if (!f.detail.empty()) text += Indented(f.detail + (f.detail.ends_with('\n') ? "" : "\n"), 2);
  if (!f.where.empty()) text += fmt::format("  Location is {}.\n", f.where);
  return text;
}

std::string MemoryText(const FoundFinding& found, SourceLines& source) {
  const Finding& f = found.finding;
  std::string text;
  if (f.freed_by >= 0) {
    text += fmt::format("  Freed by {}:\n", TaskText(found.trace, f.freed_by));
    text += StackText(f.freed_at, f.freed_stack, source);
  }
  if (f.allocated_at.known()) {
    text += fmt::format("  Allocated by {}:\n", TaskText(found.trace, f.allocated_by));
    text += StackText(f.allocated_at, f.allocated_stack, source);
  }
  return text.empty() ? text : text + "\n";
}

// Where the threads of the finding were started.
std::string ThreadsText(const FoundFinding& found, SourceLines& source) {
  std::set<int> tasks;
  for (const Side& s : found.finding.sides) tasks.insert(s.task);
  for (const BlockedTask& w : found.finding.waits) tasks.insert(w.task);
  std::string text;
  for (const int task : tasks) {
    if (task <= 0 || static_cast<size_t>(task) >= found.trace.tasks.size()) continue;
    const TraceTask& t = found.trace.tasks[static_cast<size_t>(task)];
    text += fmt::format("  {} was started by {} at:\n", TaskText(found.trace, task),
                        TaskText(found.trace, t.parent));
    text += StackText(t.created_at, t.created_stack, source) + "\n";
  }
  return text;
}

// The sentences that explain it, and how often it happens.
std::string WhyText(const FoundFinding& found) {
  std::string text;
  for (const std::string& line : found.trace.explanation) text += fmt::format("  Why: {}\n", line);
  if (found.always) {
    text += "  Every execution has it.\n";
  } else if (found.complete) {
    text += fmt::format("  In {} of all {} executions.\n", found.times, found.of);
  } else if (found.sampled > 0) {
    text += fmt::format("  In {} of {} executions with random choices.\n", found.sampled_times,
                        found.sampled);
  }
  return text.empty() ? text : text + "\n";
}

// How many of the last steps; of a livelock all that are repeated, if they are not very many.
size_t StepsShown(const Finding& f) {
  constexpr size_t kSteps = 16;
  constexpr size_t kMost = 64;
  return std::clamp<size_t>(f.cycle_length + 4, kSteps, kMost);
}

std::string Summary(const Finding& f) {
  Place place;
  const bool first = f.kind == "contract" || f.kind == "atomicity";
  if (!f.sides.empty()) {
    const Side& side = first ? f.sides.front() : f.sides.back();
    place = UserPlace(side.place, side.stack);
  }
  for (const BlockedTask& w : f.waits) {
    if (!place.known() && (w.in_cycle || &w == &f.waits.back()))
      place = UserPlace(w.place, w.stack);
  }
  std::string text = "SUMMARY: csim: " + f.kind;
  if (place.known()) {
    const bool library = !place.caller_file.empty();
    text += " " + (library ? fmt::format("{}:{}", place.caller_file, place.caller_line)
                           : PlaceText(place));
    if (!library && !place.function.empty()) text += " in " + place.function;
  }
  if (!f.variable.empty()) text += fmt::format(" ({})", f.variable);
  return text + "\n";
}

}  // namespace

std::string PlaceText(const Place& place) {
  if (!place.known()) return "(unknown place)";
  if (place.column == 0) return fmt::format("{}:{}", place.file, place.line);
  return fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::string TaskText(const Trace& trace, int task) {
  if (task < 0 || static_cast<size_t>(task) >= trace.tasks.size())
    return task <= 0 ? "main" : fmt::format("T{}", task);
  const TraceTask& t = trace.tasks[static_cast<size_t>(task)];
  if (task == 0) return "main";
  std::string text = t.name;
  const Place at = UserPlace(t.created_at, t.created_stack);
  if (t.function.empty() && !at.known()) return text;
  text += " (" + t.function;
  if (at.known()) {
    text += fmt::format("{}started at {}:{}", t.function.empty() ? "" : ", ", at.user_file(),
                        at.user_line());
  }
  return text + ")";
}

std::string FindingText(const FoundFinding& found, const std::string& replay, SourceLines& source,
                        bool compare) {
  const Finding& f = found.finding;
  std::string text = kLine;
  const char* what = f.kind == "limit" ? "LIMIT" : f.kind == "uncontrolled" ? "ERROR" : "BUG";
  text += fmt::format("{}: csim: {}\n", what, f.message);
  if (found.execution == 0) return text + kLine;  // it is no execution that shows it
  text += fmt::format("  (execution {}, step {}{}{})\n\n", found.execution, f.step,
                      found.predicted ? "; predicted from execution 1, which did not have it" : "",
                      found.confirmed ? "" : "; not confirmed by a replay");
  if (f.kind == "data-race" && f.sides.size() == 2) {
    text += RaceText(found, source);
  } else if (f.cycle_length != 0) {
    text += CycleText(found);
  } else if (!f.waits.empty()) {
    text += DeadlockText(found, source);
  } else {
    text += OtherText(found, source);
  }
  text += MemoryText(found, source);
  text += "\n" + ThreadsText(found, source);
  text += WhyText(found);
  text += StepsText(found.trace, f.step, StepsShown(f));
  if (compare) text += CompareText(found);
  if (!found.trace.output.empty()) {
    text += fmt::format("  Output of this execution:\n{}", Indented(found.trace.output, 4));
  }
  if (!replay.empty()) text += fmt::format("  Replay: {}\n", replay);
  return text + Summary(f) + kLine;
}

}  // namespace csim
