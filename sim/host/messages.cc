#include "sim/host/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace csim {

namespace {

std::string TaskOf(int task) { return task <= 0 ? "main" : fmt::format("T{}", task); }

std::string PlaceText(const Place& place) {
  if (!place.known()) return "an unknown place";
  return fmt::format("{}:{}", place.user_file(), place.user_line());
}

std::string RaceMessage(const Finding& f) {
  if (f.sides.size() < 2) return "data race";
  const Side& a = f.sides[0];
  const Side& b = f.sides[1];
  const std::string what = f.variable.empty() ? "" : fmt::format(" on {}", f.variable);
  return fmt::format("data race{}: {} by {} at {} and {} by {} at {}, with nothing to order them",
                     what, a.access, TaskOf(a.task), PlaceText(a.place), b.access, TaskOf(b.task),
                     PlaceText(b.place));
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
  std::string text = std::string(NameOf(kind)) + (f.partial ? " (others go on): " : ": ");
  bool first = true;
  const bool cycle =
      std::any_of(f.waits.begin(), f.waits.end(), [](const BlockedTask& w) { return w.in_cycle; });
  for (const BlockedTask& w : f.waits) {
    if (cycle && !w.in_cycle) continue;
    if (!first) text += "; ";
    first = false;
    if (w.operation == "thread_join" || w.operation == "thread_timedjoin") {
      text += fmt::format("{} waits for {} to end", TaskOf(w.task), TaskOf(w.holder));
      continue;
    }
    if (w.spins) {
      text += fmt::format("{} spins", TaskOf(w.task));
      if (w.object >= 0) text += " on " + ObjectOf(w.object, trace);
      continue;
    }
    if (!w.detail.empty()) {
      text += fmt::format("{} waits {}", TaskOf(w.task), w.detail);
      continue;
    }
    text += fmt::format("{} waits for {}", TaskOf(w.task), ObjectOf(w.object, trace));
    if (w.holder >= 0) text += fmt::format(", held by {}", TaskOf(w.holder));
  }
  return text;
}

// "the pipe made at f.cpp:7 (P0 (fd 3))"
std::string ChannelText(const std::string& kind, const Place& made_at, const std::string& mine) {
  const std::string where = made_at.known() ? fmt::format(" made at {}", PlaceText(made_at)) : "";
  const bool alone = mine.rfind("P0 (", 0) == 0 && mine.find(")") == mine.size() - 1;
  const std::string by = mine.empty() ? "" : alone ? mine.substr(2) : "[" + mine + "]";
  return fmt::format("the {}{}{}", kind, where, by.empty() ? "" : by[0] == ' ' ? by : " " + by);
}

}  // namespace

std::string ChannelWait(const std::string& operation, const std::string& kind, const Place& made_at,
                        const std::string& mine, const std::string& others) {
  const std::string channel = ChannelText(kind, made_at, mine);
  if (operation == "poll" || operation == "poll_many") {
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
    const std::string end = others.empty()
                                ? ""
                                : fmt::format(
                                      ", and end of file never comes, because {} still holds "
                                      "the writing end",
                                      others);
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

std::string FindingMessage(FindingKind kind, const std::string& text, const Finding& f,
                           const Trace* trace) {
  const std::string at = f.sides.empty() ? "" : " at " + PlaceText(f.sides[0].place);
  const std::string by = f.sides.empty() ? "" : TaskOf(f.sides[0].task);
  switch (kind) {
    case FindingKind::kDataRace: return RaceMessage(f);
    case FindingKind::kDeadlock:
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
    case FindingKind::kLimit: return fmt::format("{} reached in {}{}", text, by, at);
    case FindingKind::kUncontrolled:
      return fmt::format("csim cannot control {} called by {}{}", text, by, at);
  }
  return text;
}

}  // namespace csim
