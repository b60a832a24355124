#include "cli/foresee.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/explanation/unguarded.h"
#include "model/trace/user_code.h"
#include "report/finding_text.h"
#include "sim/host/trace_reader.h"

namespace csim {
namespace {

constexpr uint64_t kObservedSteps = 20'000;  // of the execution that predictions are made from
constexpr uint64_t kMostRuns = 40;           // that follow a prediction

bool IsBug(const Finding& f) { return f.kind != "limit" && f.kind != "process"; }

bool HasBug(const Trace& trace) {
  return std::any_of(trace.findings.begin(), trace.findings.end(), IsBug);
}

// REQUIRES: it has a bug.
Trace FirstBugFirst(Trace trace) {
  const auto bug = std::find_if(trace.findings.begin(), trace.findings.end(), IsBug);
  std::rotate(trace.findings.begin(), bug, bug + 1);
  return trace;
}

std::string At(const Side& side) {
  const Place place = UserPlace(side.place, side.stack);
  return fmt::format("{}:{}", place.user_file(), place.user_line());
}

std::string ObjectOf(const Trace& trace, int object) {
  if (object < 0 || static_cast<size_t>(object) >= trace.objects.size()) return "a lock";
  const TraceObject& o = trace.objects[static_cast<size_t>(object)];
  return o.name.empty() ? "a " + o.kind : o.name;
}

std::string TaskOf(const Trace& trace, int task) {
  return trace.tasks[static_cast<size_t>(task)].name;
}

// What a prediction says, as a finding that nobody has seen.
Finding Foretold(const Trace& trace, const Prediction& p) {
  Finding f;
  f.sides = p.sides;
  if (p.kind == PredictedKind::kRace) {
    f.kind = "data-race";
    f.variable =
        p.sides[0].place.variable.empty() ? p.sides[1].place.variable : p.sides[0].place.variable;
    f.message = fmt::format("data race{}: {} by {} at {} and {} by {} at {}",
                            f.variable.empty() ? "" : " on " + f.variable, p.sides[0].access,
                            TaskOf(trace, p.sides[0].task), At(p.sides[0]), p.sides[1].access,
                            TaskOf(trace, p.sides[1].task), At(p.sides[1]));
    return f;
  }
  f.kind = "lock-order";
  f.message = "lock order: ";
  for (size_t i = 0; i < p.sides.size(); ++i) {
    const Side& side = p.sides[i];
    f.message += fmt::format("{}{} takes {} at {}", i == 0 ? "" : "; ", TaskOf(trace, side.task),
                             ObjectOf(trace, p.objects[i]), At(side));
    for (const Lock& l : side.locks)
      f.message += fmt::format(", holding {}", ObjectOf(trace, l.object));
  }
  return f;
}

// What is said of an execution that has no bug.
std::vector<FoundFinding> AdviceOf(const Trace& observed) {
  std::vector<FoundFinding> result;
  for (Finding& advice : FindUnguarded(observed)) {
    FoundFinding found;
    found.finding = std::move(advice);
    found.execution = found.times = 1;
    found.trace.tasks = observed.tasks;  // which its sides name
    found.trace.objects = observed.objects;
    result.push_back(std::move(found));
  }
  return result;
}

}  // namespace

Result<Foresight> Foresee(const Program& program, const Config& config,
                          const ExploreOptions& options) {
  Foresight result;
  Config plain = config;
  plain.fairness = false;  // a measure is no bug, and the search takes it anyway
  Config short_config = plain;
  short_config.max_steps = std::min(config.max_steps, kObservedSteps);
  const Runner observer(program, short_config, options.arguments, options.stdin_file);
  Result<Trace> observed = observer.Run({.with_accesses = true});
  if (!observed) return Error{observed.error()};
  result.executions = 1;
  result.observed_bug = HasBug(*observed);
  if (result.observed_bug) result.confirmed = FirstBugFirst(std::move(*observed));
  if (result.observed_bug || observed->events_lost != 0) return result;
  result.advice = AdviceOf(*observed);
  PredictionLimits limits;
  limits.budget = static_cast<unsigned>(std::min<uint64_t>(options.predict_budget, ~0u));
  Predictions predictions = Predict(*observed, limits);
  result.skipped = predictions.skipped;
  observed->accesses.clear();
  const uint64_t most =
      options.executions == 0 ? kMostRuns : std::min(kMostRuns, options.executions - 1);
  Config following = plain;  // what was observed, and not much more
  following.max_steps = std::min(config.max_steps, 2 * kObservedSteps);
  const Runner runner(program, following, options.arguments, options.stdin_file);
  for (const Prediction& p : predictions.found) {
    if (Interrupted()) break;
    std::string reason = "the search for an order that leads there ran out of its budget";
    if (p.by != PredictedBy::kNothing) {
      if (result.executions > most) {
        ++result.skipped;
        continue;
      }
      Result<Trace> run = runner.Run({.schedule = ToRuns(p.schedule)});
      ++result.executions;
      if (!run) return Error{run.error()};
      if (HasBug(*run)) {
        result.confirmed = FirstBugFirst(std::move(*run));
        return result;
      }
      reason = run->outcome == "diverged" ? "run in that order, the program went another way"
                                          : "run in that order, it did not happen";
    }
    if (p.by == PredictedBy::kReadsFree) continue;  // it was no more than a guess
    result.unconfirmed.push_back({Foretold(*observed, p), reason, *observed});
  }
  return result;
}

}  // namespace csim
