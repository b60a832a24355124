#include "checker/explanation/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "checker/explanation/guards.h"
#include "checker/explanation/lost_wakeup.h"
#include "checker/explanation/object_text.h"
#include "checker/explanation/trace_order.h"
#include "model/trace/user_code.h"

namespace csim {
namespace {

class Explainer {
 public:
  explicit Explainer(const Trace& trace) : trace_(trace), finding_(trace.findings.front()) {}

  std::vector<std::string> Run() {
    if (finding_.kind == "data-race" && finding_.sides.size() == 2) ExplainRace();
    if (finding_.kind == "deadlock") ExplainCycle();
    if (finding_.kind == "lost-wakeup") ExplainLostWakeup();
    return std::move(lines_);
  }

 private:
  std::string TaskOf(int task) const {
    const bool known = task >= 0 && static_cast<size_t>(task) < trace_.tasks.size();
    return known ? trace_.tasks[static_cast<size_t>(task)].name : "main";
  }
  std::string NameOf(int object) const { return ObjectText(trace_, object); }
  static std::string At(const Place& place, const Stack& stack) {
    const Place at = UserPlace(place, stack);
    return at.known() ? fmt::format("{}:{}", at.user_file(), at.user_line()) : "an unknown place";
  }
  std::string At(const TraceEvent& e) const { return At(e.place, e.stack); }

  // ---- Races ----

  // The last event of the side's task before its access. None: the access is not in the trace.
  std::optional<size_t> EventBefore(const Side& side) const {
    std::optional<size_t> event;
    for (const TraceAccess& a : trace_.accesses) {
      if (a.task != side.task || trace_.access_places[a.place] != side.place) continue;
      for (size_t i = std::min<size_t>(a.events, trace_.events.size()); i-- > 0;) {
        if (trace_.events[i].task != side.task) continue;
        event = i;
        break;
      }
    }
    return event;
  }

  void ExplainRace() {
    const Side& first = finding_.sides[0];
    const Side& second = finding_.sides[1];
    const std::optional<size_t> a = EventBefore(first);
    const std::optional<size_t> b = EventBefore(second);
    if (a && b) {
      const std::optional<size_t> common = TraceOrder(trace_).LastCommon(*a, *b);
      if (common) SayLastCommon(*common);
      SayMissingEdge(first, *a, second, *b);
    }
    SayGuard(first);
  }

  void SayLastCommon(size_t common) {
    const TraceEvent& e = trace_.events[common];
    std::string what = e.operation;
    if (e.operation == "thread_create" && e.value < trace_.tasks.size()) {
      what = "starts " + TaskOf(static_cast<int>(e.value));
    } else if (e.object >= 0) {
      what += " of " + NameOf(e.object);
    }
    lines_.push_back(fmt::format("The last thing that both come after: {} {} at {} (step {}).",
                                 TaskOf(e.task), what, At(e), e.step));
  }

  // What would have ordered them, if one side had done what the other did.
  void SayMissingEdge(const Side& first, size_t a, const Side& second, size_t b) {
    const auto holds = [](const Side& side, int lock) {
      return std::any_of(side.locks.begin(), side.locks.end(),
                         [&](const Lock& l) { return l.object == lock; });
    };
    for (const auto& [has, lacks] : {std::pair{&first, &second}, std::pair{&second, &first}}) {
      for (const Lock& l : has->locks) {
        if (holds(*lacks, l.object)) continue;
        const bool takes = TakesBefore(lacks->task, l.object, lacks == &first ? a : b);
        lines_.push_back(fmt::format(
            "{} holds {} at its access; {} {}.", TaskOf(has->task), NameOf(l.object),
            TaskOf(lacks->task),
            takes ? "had it too, but not at its access" : "does not take it before its own"));
        return;
      }
    }
    for (const auto& [child, other] : {std::pair{&first, &second}, std::pair{&second, &first}}) {
      if (const TraceEvent* join = JoinOf(child->task, other->task)) {
        lines_.push_back(fmt::format("{} joins {} at {} (step {}), which comes after its access.",
                                     TaskOf(other->task), TaskOf(child->task), At(*join),
                                     join->step));
        return;
      }
    }
  }

  bool TakesBefore(int task, int lock, size_t event) const {
    for (size_t i = 0; i <= event; ++i) {
      const TraceEvent& e = trace_.events[i];
      if (e.task == task && e.object == lock && e.error == 0) return true;
    }
    return false;
  }

  const TraceEvent* JoinOf(int child, int by) const {
    int thread = -1;
    for (const TraceEvent& e : trace_.events) {
      if (e.operation == "thread_create" && static_cast<int>(e.value) == child) thread = e.object;
      if (e.operation == "thread_join" && e.task == by && thread >= 0 && e.object == thread)
        return &e;
    }
    return nullptr;
  }

  void SayGuard(const Side& side) {
    const std::optional<Bytes> bytes = BytesOf(trace_, side);
    if (!bytes) return;
    const std::optional<Guard> guard = MissedGuard(trace_, bytes->granule, bytes->mask);
    if (!guard) return;
    lines_.push_back(GuardSentence(trace_, *guard, finding_.variable));
  }

  // ---- Deadlocks ----

  void ExplainCycle() {
    std::vector<const BlockedTask*> cycle;
    std::set<int> locks;
    for (const BlockedTask& w : finding_.waits) {
      if (!w.in_cycle || w.object < 0 || w.holder < 0) continue;
      if (w.operation.find("lock") == std::string::npos) return;  // not only locks
      cycle.push_back(&w);
      locks.insert(w.object);
    }
    if (cycle.size() < 2 || locks.size() < 2) return;
    std::string order;
    for (const int lock : locks) order += (order.empty() ? "" : " before ") + NameOf(lock);
    std::string offenders;
    for (const BlockedTask* w : cycle) {
      for (const BlockedTask* v : cycle) {  // what w holds, v waits for
        if (v->holder != w->task || v->object <= w->object) continue;
        offenders +=
            fmt::format("{}{} takes {} at {} while it holds {}, taken at {}",
                        offenders.empty() ? "" : "; ", TaskOf(w->task), NameOf(w->object),
                        At(w->place, w->stack), NameOf(v->object), At(v->holder_place, {}));
      }
    }
    lines_.push_back(fmt::format("It cannot happen if all take {}{}{}.", order,
                                 offenders.empty() ? "" : ": against that, ", offenders));
  }

  void ExplainLostWakeup() {
    Finding deadlock = finding_;
    deadlock.kind = "deadlock";
    const std::optional<LostWakeup> lost = FindLostWakeup(trace_, deadlock);
    if (!lost) return;
    const TraceEvent& notify = trace_.events[lost->notify];
    const TraceEvent& wait = trace_.events[lost->wait];
    lines_.push_back(
        fmt::format("{} notifies {} at {} (step {}), when nobody waits there; {} begins to wait at "
                    "{} only then (step {}).",
                    TaskOf(notify.task), NameOf(lost->object), At(notify), notify.step,
                    TaskOf(wait.task), At(wait), wait.step));
  }

  const Trace& trace_;
  const Finding& finding_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> Explain(const Trace& trace) {
  if (trace.findings.empty()) return {};
  return Explainer(trace).Run();
}

}  // namespace csim
