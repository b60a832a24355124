#include "checker/explanation/livelock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "model/trace/user_code.h"

namespace csim {
namespace {

struct Verb {
  const char* operation;
  const char* done;
  const char* failed;  // with an error; null: as `done`
};
constexpr Verb kVerbs[] = {
    {"mutex_lock", "locks", nullptr},
    {"mutex_trylock", "locks", "finds locked"},
    {"mutex_timedlock", "locks", "waits in vain for"},
    {"mutex_unlock", "unlocks", nullptr},
    {"rwlock_rdlock", "locks for reading", nullptr},
    {"rwlock_wrlock", "locks for writing", nullptr},
    {"rwlock_tryrdlock", "locks for reading", "finds locked"},
    {"rwlock_trywrlock", "locks for writing", "finds locked"},
    {"rwlock_unlock", "unlocks", nullptr},
    {"spin_lock", "locks", nullptr},
    {"spin_trylock", "locks", "finds locked"},
    {"spin_unlock", "unlocks", nullptr},
    {"sem_wait", "takes from", nullptr},
    {"sem_trywait", "takes from", "finds empty"},
    {"sem_post", "gives to", nullptr},
    {"atomic_load", "reads", nullptr},
    {"atomic_store", "writes", nullptr},
    {"atomic_rmw", "changes", nullptr},
    {"atomic_cas", "compares and exchanges", nullptr},
    {"plain_read", "reads", nullptr},
    {"plain_write", "writes", nullptr},
    {"yield", "yields", nullptr},
    {"sleep", "sleeps", nullptr},
};

std::string VerbOf(const TraceEvent& event) {
  for (const Verb& verb : kVerbs) {
    if (event.operation != verb.operation) continue;
    return event.error != 0 && verb.failed != nullptr ? verb.failed : verb.done;
  }
  return event.operation;
}

std::string DoneBy(const Trace& trace, const TraceEvent& event) {
  std::string text = VerbOf(event);
  if (event.object < 0 || static_cast<size_t>(event.object) >= trace.objects.size()) return text;
  const TraceObject& object = trace.objects[static_cast<size_t>(event.object)];
  if (object.kind == "output") return text;
  return text + " " + (object.name.empty() ? "a " + object.kind : object.name);
}

std::span<const TraceEvent> EventsOf(const Trace& trace, const Finding& finding) {
  const auto before = [](const TraceEvent& e, uint64_t step) { return e.step < step; };
  const auto begin =
      std::lower_bound(trace.events.begin(), trace.events.end(), finding.cycle_begin, before);
  const auto end = std::lower_bound(begin, trace.events.end(),
                                    finding.cycle_begin + finding.cycle_length, before);
  return {begin, end};
}

// In order of their first step.
std::vector<int> TasksOf(std::span<const TraceEvent> events) {
  std::vector<int> tasks;
  for (const TraceEvent& e : events) {
    if (std::find(tasks.begin(), tasks.end(), e.task) == tasks.end()) tasks.push_back(e.task);
  }
  return tasks;
}

std::string NameOfTask(const Trace& trace, int task) {
  const bool known = task >= 0 && static_cast<size_t>(task) < trace.tasks.size();
  return known ? trace.tasks[static_cast<size_t>(task)].name : "a task";
}

std::string NamesOf(const Trace& trace, const std::vector<int>& tasks) {
  std::string text;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (i > 0) text += i + 1 == tasks.size() ? " and " : ", ";
    text += NameOfTask(trace, tasks[i]);
  }
  return text;
}

// What the task does in the cycle, each once.
std::vector<Side> SidesOf(const Trace& trace, std::span<const TraceEvent> events, int task) {
  std::vector<Side> sides;
  for (const TraceEvent& e : events) {
    if (e.task != task) continue;
    Side side;
    side.task = task;
    side.access = DoneBy(trace, e);
    side.place = e.place;
    side.stack = e.stack;
    const auto same = [&](const Side& s) {
      return s.access == side.access && s.place == side.place;
    };
    if (std::none_of(sides.begin(), sides.end(), same)) sides.push_back(std::move(side));
  }
  return sides;
}

std::string SidesText(const std::vector<Side>& sides) {
  std::string text;
  for (const Side& side : sides) {
    const Place place = UserPlace(side.place, side.stack);
    text += text.empty() ? "" : ", ";
    text += side.access;
    if (place.known()) text += fmt::format(" at {}:{}", place.user_file(), place.user_line());
  }
  return text;
}

// The event's frame that is `depth` calls away from the outermost one: the place in it.
const Place& PlaceInFrame(const TraceEvent& event, size_t depth) {
  const size_t index = event.stack.size() - 1 - depth;
  return index == 0 ? event.place : event.stack[index].place;
}

bool SameFrame(const TraceEvent& a, const TraceEvent& b, size_t depth) {
  const Frame& x = a.stack[a.stack.size() - 1 - depth];
  const Frame& y = b.stack[b.stack.size() - 1 - depth];
  return x.function == y.function &&
         (depth == 0 || PlaceInFrame(a, depth - 1) == PlaceInFrame(b, depth - 1));
}

// The headers of std::atomic's operations, which have no loops of their own.
bool IsAtomicAccess(const Place& place) {
  return place.file.ends_with("/atomic") || place.file.ends_with("/atomic_base.h");
}

// Whether the innermost function that all these events of a task have on their stacks is a library's. Where there is only
// one operation that is done again and again, nobody can say which function has the loop: it counts as the program's.
bool LoopsInLibrary(const std::vector<const TraceEvent*>& events) {
  const TraceEvent& first = *events[0];
  size_t shared = first.stack.size();  // frames, from the outermost one on
  bool one_place = true;
  for (const TraceEvent* e : events) {
    size_t same = 0;
    while (same < std::min(shared, e->stack.size()) && SameFrame(first, *e, same)) ++same;
    shared = same;
    one_place &= e->place == first.place && e->stack == first.stack;
  }
  if (shared == 0 || one_place) return false;
  return std::all_of(events.begin(), events.end(), [&](const TraceEvent* e) {
    const Place& place = PlaceInFrame(*e, shared - 1);
    const Place& model = PlaceInFrame(first, shared - 1);
    // Calls that a function of the program makes have places, those of a library's have none. Code of the library that
    // was made part of a function of the program: one call of it, if the caller is the same.
    const bool library =
        place.known() ? IsLibrary(place) && !IsAtomicAccess(place) : e->stack.size() > shared;
    return library && place.caller_file == model.caller_file &&
           place.caller_line == model.caller_line;
  });
}

}  // namespace

bool IsLibraryLoop(const Trace& trace, const Finding& finding) {
  if (finding.cycle_length == 0) return false;
  const std::span<const TraceEvent> events = EventsOf(trace, finding);
  const std::vector<int> tasks = TasksOf(events);
  return !tasks.empty() && std::all_of(tasks.begin(), tasks.end(), [&](int task) {
    std::vector<const TraceEvent*> own;
    for (const TraceEvent& e : events) {
      if (e.task == task) own.push_back(&e);
    }
    return LoopsInLibrary(own);
  });
}

bool OnlyOneGetsOn(const Trace& trace, const Finding& finding) {
  constexpr const char* kTries[] = {"atomic_load", "plain_read", "atomic_rmw", "atomic_cas",
                                    "yield",       "sleep",      "fence"};
  std::vector<int> doing;
  const std::span<const TraceEvent> events = EventsOf(trace, finding);
  for (const TraceEvent& e : events) {
    const bool tries = e.error != 0 || std::find(std::begin(kTries), std::end(kTries),
                                                 e.operation) != std::end(kTries);
    if (!tries && std::find(doing.begin(), doing.end(), e.task) == doing.end())
      doing.push_back(e.task);
  }
  return doing.size() == 1 && TasksOf(events).size() > 1;
}

void DescribeLivelock(const Trace& trace, Finding& finding) {
  if (finding.cycle_length == 0) return;
  const std::span<const TraceEvent> events = EventsOf(trace, finding);
  const std::vector<int> tasks = TasksOf(events);
  finding.sides.clear();
  finding.message = fmt::format(
      "livelock: {} can repeat the same {} step{} for ever, though nobody is passed over: ",
      NamesOf(trace, tasks), finding.cycle_length, finding.cycle_length == 1 ? "" : "s");
  for (const int task : tasks) {
    std::vector<Side> sides = SidesOf(trace, events, task);
    finding.message += fmt::format("{}{} {}", task == tasks[0] ? "" : "; ", NameOfTask(trace, task),
                                   SidesText(sides));
    std::move(sides.begin(), sides.end(), std::back_inserter(finding.sides));
  }
}

}  // namespace csim
