#include "sim/host/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "model/trace/user_code.h"

namespace csim {

namespace {

std::string TaskOf(int task, const Trace* trace) {
  if (task <= 0) return "main";
  if (trace != nullptr && static_cast<size_t>(task) < trace->tasks.size()) {
    return trace->tasks[static_cast<size_t>(task)].name;
  }
  return fmt::format("T{}", task);
}

std::string PlaceText(const Place& place) {
  if (!place.known()) return "an unknown place";
  return fmt::format("{}:{}", place.user_file(), place.user_line());
}

std::string RaceMessage(const Finding& f, const Trace* trace) {
  if (f.sides.size() < 2) return "data race";
  const Side& a = f.sides[0];
  const Side& b = f.sides[1];
  const std::string what = f.variable.empty() ? "" : fmt::format(" on {}", f.variable);
  return fmt::format("data race{}: {} by {} at {} and {} by {} at {}, with nothing to order them",
                     what, a.access, TaskOf(a.task, trace), PlaceText(UserPlace(a.place, a.stack)),
                     b.access, TaskOf(b.task, trace), PlaceText(UserPlace(b.place, b.stack)));
}

std::string ObjectOf(int object, const Trace* trace) {
  if (trace == nullptr || object < 0) return "something";
  const TraceObject& o = trace->objects[static_cast<size_t>(object)];
  return o.name.empty() ? "a " + o.kind : o.name;
}

// What the machine calls a misuse, in words.
std::string MisuseText(const std::string& name) {
  static const std::map<std::string, std::string> kTexts = {
      {"unlock-not-held", "unlock of a lock that nobody holds"},
      {"unlock-by-other", "unlock of a lock that another task holds"},
      {"relock", "a plain lock is locked again by the task that holds it"},
      {"destroy-held", "destroyed while it is held or waited on"},
      {"use-destroyed", "used after its destruction"},
      {"wait-without-mutex", "wait on a condition variable without holding the mutex"},
      {"wait-other-mutex", "wait on one condition variable with different mutexes"},
      {"join-twice", "join or detach of a thread that was joined or detached before"},
      {"join-self", "a thread joins itself"}};
  const auto it = kTexts.find(name);
  return it == kTexts.end() ? name : it->second;
}

std::string DeadlockMessage(FindingKind kind, const Finding& f, const Trace* trace) {
  if (f.cycle_length != 0) {
    return fmt::format("livelock: the same {} steps can be repeated for ever", f.cycle_length);
  }
  std::string text = std::string(NameOf(kind)) + (f.partial ? " (others go on): " : ": ");
  bool first = true;
  const bool cycle =
      std::any_of(f.waits.begin(), f.waits.end(), [](const BlockedTask& w) { return w.in_cycle; });
  for (const BlockedTask& w : f.waits) {
    if (cycle && !w.in_cycle) continue;
    if (!first) text += "; ";
    first = false;
    if (w.operation == "pause" || w.operation == "sigwait") {
      text += fmt::format("{} waits for a signal", TaskOf(w.task, trace));
      continue;
    }
    if (w.operation == "wait") {
      text += fmt::format("{} waits for {}", TaskOf(w.task, trace),
                          w.holder < 0 ? "a child" : TaskOf(w.holder, trace) + " to end");
      continue;
    }
    if (w.operation == "thread_join" || w.operation == "thread_timedjoin") {
      text += fmt::format("{} waits for {} to end", TaskOf(w.task, trace), TaskOf(w.holder, trace));
      continue;
    }
    if (w.spins) {
      text += fmt::format("{} spins", TaskOf(w.task, trace));
      if (w.object >= 0) text += " on " + ObjectOf(w.object, trace);
      continue;
    }
    if (!w.detail.empty()) {
      text += fmt::format("{} waits {}", TaskOf(w.task, trace), w.detail);
      continue;
    }
    text += fmt::format("{} waits for {}", TaskOf(w.task, trace), ObjectOf(w.object, trace));
    if (w.holder >= 0) text += fmt::format(", held by {}", TaskOf(w.holder, trace));
  }
  return text;
}

// "P2 (fd 4), P3 (fd 4, fd 5)" -> "P2 still holds fd 4, P3 still holds fd 4, fd 5".
std::string StillHold(const std::string& holders) {
  std::string text;
  for (const char c : holders) {
    if (c == ')') continue;
    text += c == '(' ? "still holds " : std::string(1, c);
  }
  return text;
}

// "the pipe made at f.cpp:7 (P0 (fd 3))"
std::string ChannelText(const std::string& kind, const Place& made_at, const std::string& mine) {
  const std::string where = made_at.known() ? fmt::format(" made at {}", PlaceText(made_at)) : "";
  const bool alone = mine.rfind("P0 (", 0) == 0 && mine.find(')') == mine.size() - 1;
  const std::string by = mine.empty() ? "" : alone ? mine.substr(2) : "[" + mine + "]";
  return fmt::format("the {}{}{}", kind, where, by.empty() ? "" : by[0] == ' ' ? by : " " + by);
}

}  // namespace

std::string ChannelWait(const std::string& operation, const std::string& kind, const Place& made_at,
                        const std::string& mine, const std::string& others) {
  const std::string channel = ChannelText(kind, made_at, mine);
  if (operation == "poll" || operation == "poll_many" || operation == "poll_signals") {
    return "in poll: nothing that it looks at is ready";
  }
  if (kind == "address") {
    return operation == "read" ? "in accept: nobody connects"
                               : "to connect or send: the queue is full, and nobody takes from it";
  }
  if (kind == "eventfd") {
    return operation == "read"
               ? fmt::format("in read of {}: it is 0, and nobody counts it up", channel)
               : fmt::format("to write to {}: it would overflow", channel);
  }
  if (operation == "read") {
    const std::string end =
        others.empty()
            ? ""
            : fmt::format(", and end of file never comes, because {}", StillHold(others));
    return fmt::format("in read of {}: nothing is in it{}", channel, end);
  }
  const std::string end =
      others.empty() ? "" : fmt::format("; the reading end is open in {}", others);
  return fmt::format("to write into {}: it is full, and nobody reads from it{}", channel, end);
}

std::string BareFunction(const std::string& demangled) {
  const size_t end = demangled.find('(');
  return demangled.substr(0, end);
}

std::string ConflictLine(const Side& first, const Side& second, const Trace* trace) {
  const auto part = [&](const Side& side, const std::string& what) {
    const Place place = UserPlace(side.place, side.stack);
    const char* does = side.access.ends_with("write") ? "writes" : "reads";
    return fmt::format("{} {} {} at {}", TaskOf(side.task, trace), does, what, PlaceText(place));
  };
  const Place& place = first.place;
  const std::string& name = place.variable.empty() ? place.text : place.variable;
  return part(first, name.empty() ? "something" : name) + ", then " + part(second, "it") + "\n";
}

namespace {

// What csim could not control. The text of the runtime may have a clause of its own: "execve of ./other, which ...".
std::string UncontrolledMessage(const std::string& text, const std::string& by,
                                const std::string& at) {
  const char* const comma = text.find(", ") == std::string::npos ? "" : ",";
  // What runs under a number that another program has been given for its name.
  const bool namesake = text.find("csim takes for another one") != std::string::npos;
  const char* const way_out =
      namesake ? "; give one of the two programs another file name (csim c++ -o NAME)" : "";
  return fmt::format("csim cannot control {}{} called by {}{}{}", text, comma, by, at, way_out);
}

// Where it happened; empty for what a specification sees that no user code has called.
std::string AtText(FindingKind kind, const Finding& f) {
  if (f.sides.empty()) return "";
  const Place place = UserPlace(f.sides[0].place, f.sides[0].stack);
  const bool stated = kind == FindingKind::kProperty || kind == FindingKind::kReached ||
                      kind == FindingKind::kStarvation;
  if (stated && place.caller_file.empty() && IsLibrary(place)) return "";
  return " at " + PlaceText(place);
}

}  // namespace

std::string FindingMessage(FindingKind kind, const std::string& text, const Finding& f,
                           const Trace* trace) {
  const std::string at = AtText(kind, f);
  const std::string by = f.sides.empty() ? "" : TaskOf(f.sides[0].task, trace);
  switch (kind) {
    case FindingKind::kDataRace: return RaceMessage(f, trace);
    case FindingKind::kDeadlock:
    case FindingKind::kLostWakeup:
    case FindingKind::kLivelock: return DeadlockMessage(kind, f, trace);
    case FindingKind::kAssertion: {
      const std::string values = f.detail.empty() ? "" : fmt::format(" ({})", f.detail);
      return fmt::format("assertion failed in {}{}: {}{}", by, at, text, values);
    }
    case FindingKind::kCrash: return fmt::format("crash in {}{}: {}", by, at, text);
    case FindingKind::kException:
      return fmt::format("uncaught exception in {}{}: {}{}", by, at, f.detail,
                         text.empty() ? "" : ": " + text);
    case FindingKind::kMemory: return fmt::format("{} in {}{}", text, by, at);
    case FindingKind::kMisuse: {
      const std::string what = f.variable.empty() ? "" : fmt::format(" ({})", f.variable);
      return fmt::format("misuse in {}{}: {}{}", by, at, MisuseText(text), what);
    }
    case FindingKind::kStarvation: {
      const std::string what = f.variable.empty() ? "" : fmt::format(" ({})", f.variable);
      return fmt::format("starvation in {}{}: {}{}", by, at, text, what);
    }
    case FindingKind::kProperty:
    case FindingKind::kReached:
    case FindingKind::kLinearizability:
      return fmt::format("{} in {}{}: {}", NameOf(kind), by, at, text);
    case FindingKind::kAtomicity: {
      const Side& block = f.sides.back();
      return fmt::format(
          "atomicity in {}{}: the atomic block entered at {} is not serialisable with what others "
          "do",
          by, at, PlaceText(UserPlace(block.place, block.stack)));
    }
    case FindingKind::kContract: {
      std::string holder;
      if (f.sides.size() > 1) {
        const Side& other = f.sides[1];
        holder = fmt::format(" (held by {} since {})", TaskOf(other.task, trace),
                             PlaceText(UserPlace(other.place, other.stack)));
      }
      return fmt::format("contract in {}{}: {}{}", by, at, text, holder);
    }
    case FindingKind::kProcess: return text;
    case FindingKind::kLimit:
      if (f.partial) return fmt::format("{} (in {}{})", text, by, at);
      return fmt::format("{} reached in {}{}", text, by, at);
    case FindingKind::kUncontrolled: return UncontrolledMessage(text, by, at);
  }
  return text;
}

}  // namespace csim
