#include "cli/inevitable.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "sim/host/trace_reader.h"

namespace csim {
namespace {

// Of one beginning: how many executions, and how much they may do together.
constexpr uint64_t kMostContinuations = 400;
constexpr uint64_t kMostWork = 400'000;
constexpr uint64_t kMostSamples = 1000;
constexpr uint64_t kFewestSamples = 20;
constexpr int kMostTries = 12;  // runs that look for one that passes

// A search that goes on after bugs and counts them, with the same scheduling points throughout.
SearchOptions CountingSearch(const FindingContext& context, const char* strategy,
                             uint64_t executions, std::vector<LocationKey> racy) {
  SearchOptions options = context.search;
  options.strategy = strategy;
  options.preemptions.reset();
  options.session.config.preemptions = ~0u;
  options.session.config.keep_going = true;
  options.session.config.all_outcomes = false;
  options.session.config.keep_points = true;
  options.racy = std::move(racy);
  options.executions = executions;
  options.time_limit = 0;
  options.jobs = 1;
  return options;
}

class Inevitability {
 public:
  Inevitability(const FindingContext& context, FoundFinding& found)
      : context_(context),
        found_(found),
        racy_(ToKeys(found.trace.racy)),
        runner_(context.program, context.search.session.config, context.search.session.arguments,
                context.search.session.stdin_file) {
    const uint64_t last = found.finding.step;
    for (const TraceEvent& e : found.trace.events) {
      if (e.step > last) break;
      choices_.push_back({static_cast<uint32_t>(e.task), e.alternative, 1});
    }
    most_ = std::min(kMostContinuations, kMostWork / (found.work + 1));
  }

  void Find() {
    if (choices_.empty() || found_.trace.events_lost != 0 || most_ == 0) return;
    // The least length of a beginning after which the bug always comes. Longer ones have it too.
    size_t low = 0;
    size_t high = choices_.size();
    while (low < high) {
      const size_t middle = (low + high) / 2;
      const std::optional<bool> always = AlwaysAfter(middle);
      if (!always) return;
      (*always ? high : low) = *always ? middle : middle + 1;
    }
    found_.always = low == 0;
    if (low == 0) return;
    found_.trace.inevitable_step = found_.trace.events[low - 1].step;
    FindPassing(low - 1);
  }

 private:
  std::vector<ScheduleRun> Beginning(size_t length) const {
    return ToRuns({choices_.begin(), choices_.begin() + static_cast<ptrdiff_t>(length)});
  }

  // Whether every execution that begins like this has the finding; none: too many to look at.
  std::optional<bool> AlwaysAfter(size_t length) {
    SearchOptions options = CountingSearch(context_, "continuations", most_, racy_);
    options.session.schedule = Beginning(length);
    Search search(options, context_.file, nullptr, [](const std::string&) {});
    const Result<SearchResult> result = search.Run(nullptr, &Interrupted);
    if (!result || !result->failure.empty()) return {};
    const PartCounts& counts = result->total.counts;
    const uint64_t whole = counts.executions - counts.redundant - counts.vain - counts.cut;
    uint64_t times = 0;
    for (const SeenFinding& seen : result->total.findings) {
      if (seen.finding.signature == found_.finding.signature) times = seen.times;
    }
    if (times < whole) return false;
    if (!result->complete) return {};
    return true;
  }

  // The nearest execution without the bug: the same up to there, then another choice.
  void FindPassing(size_t parting) {
    int tries = 0;
    const TraceEvent& taken = found_.trace.events[parting];
    std::set<uint32_t> tasks;
    for (const TraceTask& t : found_.trace.tasks)
      tasks.insert(static_cast<uint32_t>(&t - found_.trace.tasks.data()));
    for (const uint32_t task : tasks) {
      for (uint32_t alternative = 0; alternative < 2; ++alternative) {
        if (task == static_cast<uint32_t>(taken.task) && alternative == taken.alternative) continue;
        if (++tries > kMostTries) return;
        std::vector<ScheduleStep> steps(choices_.begin(),
                                        choices_.begin() + static_cast<ptrdiff_t>(parting));
        steps.push_back({task, alternative, 1});
        Result<Trace> trace = runner_.Run({ToRuns(steps), racy_});
        if (!trace || trace->outcome != "completed" || HasFinding(*trace)) continue;
        trace->options = found_.trace.options;
        trace->strategy = found_.trace.strategy;
        trace->seed = found_.trace.seed;
        found_.passing = std::move(*trace);
        found_.parting_step = taken.step;
        return;
      }
    }
  }

  bool HasFinding(const Trace& trace) const {
    return std::any_of(trace.findings.begin(), trace.findings.end(),
                       [](const Finding& f) { return f.kind != "limit" && f.kind != "process"; });
  }

  const FindingContext& context_;
  FoundFinding& found_;
  std::vector<LocationKey> racy_;
  Runner runner_;
  std::vector<ScheduleStep> choices_;
  uint64_t most_ = 0;  // executions of one beginning
};

}  // namespace

void SampleFrequency(const FindingContext& context, FoundFinding& found) {
  const SearchOptions options =
      CountingSearch(context, "random", std::min(kMostSamples, kMostWork / (found.work + 1)),
                     ToKeys(found.trace.racy));
  if (options.executions < kFewestSamples) return;
  Search search(options, context.file, nullptr, [](const std::string&) {});
  const Result<SearchResult> result = search.Run(nullptr, &Interrupted);
  if (!result || !result->failure.empty()) return;
  found.sampled = result->total.counts.executions;
  for (const SeenFinding& seen : result->total.findings) {
    if (seen.finding.signature == found.finding.signature) found.sampled_times = seen.times;
  }
}

void FindInevitable(const FindingContext& context, FoundFinding& found) {
  Inevitability(context, found).Find();
}

}  // namespace csim
