#include "cli/shorten.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "checker/prediction/shorter.h"
#include "cli/preemptions.h"
#include "model/finding_kind.h"
#include "sim/host/trace_reader.h"

namespace csim {
namespace {

constexpr uint64_t kExecutionsForFewer = 2000;  // to find a bug again with fewer preemptions
constexpr int kMostMerges = 60;                 // runs, if the search for the best order gives up

Runner RunnerOf(const FindingContext& context) {
  const SessionOptions& s = context.search.session;
  return {context.program, s.config, s.arguments, s.stdin_file};
}

std::pair<uint64_t, uint32_t> CostOf(const Trace& trace) {
  return {PreemptionsOf(trace), SwitchesOf(trace)};
}

// Takes the trace if it has the finding and costs less. True if it was taken. (One that could not be followed to its
// end may have the finding, but is no schedule to replay.)
bool TakeIfBetter(Result<Trace> trace, FoundFinding& found) {
  if (!trace || trace->outcome == NameOf(Outcome::kDiverged) ||
      !PutFirst(found.finding.signature, *trace))
    return false;
  if (CostOf(*trace) >= CostOf(found.trace)) return false;
  trace->strategy = found.trace.strategy;
  trace->seed = found.trace.seed;
  trace->options = found.trace.options;
  trace->execution = found.execution;
  trace->accesses.clear();
  found.preemptions = PreemptionsOf(*trace);
  found.trace = std::move(*trace);
  found.finding = found.trace.findings.front();
  return true;
}

// True if it has come to an end: there is no such execution, or it was taken. `others`: goes on after other
// bugs.
bool SeekUnder(const FindingContext& context, uint32_t bound, bool others, FoundFinding& found) {
  SearchOptions options = context.search;
  options.strategy = "preemption-bounded";
  options.preemptions = bound;
  options.session.config.preemptions = bound;
  options.session.config.keep_going = others;
  options.session.config.keep_points = others;
  options.session.config.all_outcomes = false;
  options.executions = kExecutionsForFewer;
  if (others) options.racy = context.racy;
  Search search(options, context.file, nullptr, [](const std::string&) {});
  const Result<SearchResult> result = search.Run(nullptr, &Interrupted);
  if (!result) return true;
  for (const SeenFinding& seen : result->total.findings) {
    if (seen.finding.signature != found.finding.signature) continue;
    const size_t racy = std::min<size_t>(seen.recipe.racy_count, result->racy.size());
    TakeIfBetter(RunnerOf(context).Run(
                     {seen.recipe.schedule,
                      {result->racy.begin(), result->racy.begin() + static_cast<ptrdiff_t>(racy)}}),
                 found);
    return true;
  }
  return result->total.findings.empty();
}

void SeekFewerPreemptions(const FindingContext& context, FoundFinding& found) {
  if (found.preemptions == 0) return;
  const auto bound = static_cast<uint32_t>(found.preemptions - 1);
  if (!SeekUnder(context, bound, false, found)) SeekUnder(context, bound, true, found);
}

void SeekFewerSwitches(const FindingContext& context, FoundFinding& found) {
  const Runner runner = RunnerOf(context);
  const std::vector<LocationKey> racy = ToKeys(found.trace.racy);
  Result<Trace> whole = runner.Run({ToRuns(found.trace.schedule), racy, true});
  if (!whole || !PutFirst(found.finding.signature, *whole)) return;
  found.work = whole->events.size() + whole->accesses.size() + whole->accesses_lost;
  const std::vector<std::vector<ScheduleStep>> proposals = ProposeShorter(*whole);
  for (const std::vector<ScheduleStep>& schedule : proposals) {
    TakeIfBetter(runner.Run({ToRuns(schedule), racy}), found);
  }
  if (!proposals.empty()) return;
  int runs = 0;
  for (bool better = true; better && runs < kMostMerges && !Interrupted();) {
    better = false;
    for (const auto& schedule : MergedBlocks(found.trace.schedule)) {
      if (runs++ >= kMostMerges || better) break;
      better = TakeIfBetter(runner.Run({ToRuns(schedule), racy}), found);
    }
  }
}

}  // namespace

bool PutFirst(const std::string& signature, Trace& trace) {
  const auto same = std::find_if(trace.findings.begin(), trace.findings.end(),
                                 [&](const Finding& f) { return f.signature == signature; });
  if (same == trace.findings.end()) return false;
  std::rotate(trace.findings.begin(), same, same + 1);
  return true;
}

void Shorten(const FindingContext& context, FoundFinding& found) {
  found.work = found.trace.events.size();
  // The order in which others pass a task takes more switches than one in which they might have.
  if (found.finding.kind == NameOf(FindingKind::kStarvation)) return;
  SeekFewerPreemptions(context, found);
  SeekFewerSwitches(context, found);
}

}  // namespace csim
