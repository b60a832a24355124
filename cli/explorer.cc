#include "cli/explorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <optional>
#include <tuple>

#include "checker/explanation/explain.h"
#include "checker/explanation/livelock.h"
#include "checker/prediction/shorter.h"
#include "cli/foresee.h"
#include "cli/inevitable.h"
#include "cli/livelocks.h"
#include "cli/paths.h"
#include "cli/preemptions.h"
#include "cli/properties.h"
#include "cli/runner.h"
#include "cli/search_pieces.h"
#include "cli/shorten.h"
#include "cli/write_file.h"
#include "instrument/build.h"
#include "model/trace/trace_file.h"
#include "scheduler/factory.h"
#include "sim/host/native_runs.h"
#include "sim/host/program_file.h"
#include "sim/host/search.h"
#include "sim/host/trace_reader.h"

namespace csim {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr size_t kMaxOutcomeTraces = 100;
constexpr size_t kMostExplained = 20;
// Operations of executions that may have no end.
constexpr uint64_t kEndlessExecution = 50'000;
constexpr uint64_t kLongExecution = 1000;

std::atomic<bool> g_interrupted{false};

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool IsSource(const std::string& file) {
  const std::string extension = fs::path(file).extension().string();
  static const char* const kExtensions[] = {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".o", ".a"};
  return std::any_of(std::begin(kExtensions), std::end(kExtensions),
                     [&](const char* e) { return extension == e; });
}

std::string PhaseText(const instrument::PhaseTimes& t) {
  if (t.cached) return "";
  return fmt::format("parse {:.3f} s, rewrite {:.3f} s, code {:.3f} s, link {:.3f} s, pch {:.3f} s",
                     t.parse, t.rewrite, t.codegen, t.link, t.pch);
}

RwPolicyChoice PolicyOf(const std::string& name) {
  if (name == "reader") return RwPolicyChoice::kReaderFirst;
  if (name == "writer") return RwPolicyChoice::kWriterFirst;
  if (name == "fair") return RwPolicyChoice::kFair;
  return RwPolicyChoice::kProgram;
}

TraceOptions TraceOptionsOf(const Config& c, const std::string& policy) {
  return {c.timeouts_any,   c.spurious_wakeups, policy,       c.max_steps,
          c.memory_limit,   c.endless_loop_ms,  c.io_faults,  c.fairness,
          c.fairness_bound, c.property,         c.every_round};
}

// What one exploration needs to make its result.
class Explorer {
 public:
  Explorer(const Program& program, const ExploreOptions& options)
      : program_(program), options_(options) {}

  Result<Exploration> Run(const std::function<void(const Progress&)>& progress);

 private:
  SearchOptions SearchOptionsOf() const;
  Result<std::unique_ptr<SearchStore>> OpenStore() const;
  void DescribeRun();
  Exploration Damaged(const SearchResult& search);
  void CollectCounts(const SearchResult& search);
  bool IsInformation(const SeenFinding& seen) const;
  bool CollectFindings(const SearchResult& search, std::string* error);
  bool Foretells() const;
  bool CollectPrediction(Foresight& foresight, std::string* error);
  void CollectUnconfirmed(Foresight& foresight);
  void CollectAdvice(Foresight& foresight);
  Result<Exploration> ResultOf(Foresight& foresight, double seconds);
  bool CollectOutcomes(const SearchResult& search, std::string* error);
  bool CountNativeRuns(std::string* error);
  std::string UnfinishedText() const;
  void Judge(const SearchResult& search);
  bool SearchLivelocks(const std::vector<LocationKey>& racy, double seconds, std::string* error);
  Result<Trace> Record(const SearchResult& search, const Recipe& recipe, Cycle cycle = {});
  void Refine(FoundFinding& found);
  void SayWhy(FoundFinding& found);
  bool WriteTraceFile(Trace& trace, const std::string& label, std::string* path,
                      std::string* error);
  bool WriteTraces(FoundFinding& found, int number, std::string* error);
  std::string TraceStem() const;

  const Program& program_;
  const ExploreOptions& options_;
  Config config_{};
  std::optional<ProgramFile> file_;
  Exploration result_;
  int numbered_ = 0;  // traces of findings
  bool livelocks_sought_ = false;
  std::string livelock_bound_;  // what was not looked at then
};

SearchOptions Explorer::SearchOptionsOf() const {
  SearchOptions s;
  s.session.program = program_.path;
  s.session.argument0 = program_.shown_name;
  s.session.arguments = options_.arguments;
  s.session.stdin_file = options_.stdin_file;
  s.session.config = config_;
  s.strategy = options_.strategy;
  if (options_.preemptions >= 0) s.preemptions = static_cast<uint32_t>(options_.preemptions);
  s.executions = options_.executions;
  if (s.executions == 0 && Samples(s.strategy)) s.executions = kSampledExecutions;
  s.time_limit = options_.time_limit;
  s.jobs = options_.jobs;
  return s;
}

Result<Trace> Explorer::Record(const SearchResult& search, const Recipe& recipe, Cycle cycle) {
  const size_t racy = std::min<size_t>(recipe.racy_count, search.racy.size());
  const Runner runner(program_, config_, options_.arguments, options_.stdin_file);
  Result<Trace> trace =
      runner.Run({.schedule = WithMoreRounds(recipe.schedule, cycle),
                  .racy = {search.racy.begin(), search.racy.begin() + static_cast<ptrdiff_t>(racy)},
                  .cycle = cycle});
  if (!trace) return trace;
  trace->strategy = options_.strategy;
  trace->seed = options_.seed;
  trace->options = TraceOptionsOf(config_, options_.rwlock_policy);
  return trace;
}

std::string Explorer::TraceStem() const {
  std::string stem = fs::path(program_.shown_name).stem().string();
  if (stem.empty()) stem = "program";
  if (options_.rwlock_policy != "program") stem += "." + options_.rwlock_policy;
  if (!options_.property.empty()) stem += "." + options_.property;
  return (fs::path(options_.trace_dir) / stem).string();
}

bool Explorer::WriteTraceFile(Trace& trace, const std::string& label, std::string* path,
                              std::string* error) {
  *path = fmt::format("{}.{}.trace.json", TraceStem(), label);
  return WriteFile(*path, WriteTrace(trace), error);
}

// The trace of a finding, and of the execution beside it if that is to be shown.
bool Explorer::WriteTraces(FoundFinding& found, int number, std::string* error) {
  found.switches = SwitchesOf(found.trace);
  if (options_.compare && found.passing &&
      !WriteTraceFile(*found.passing, fmt::format("{}.passing", number), &found.passing_file,
                      error)) {
    return false;
  }
  return WriteTraceFile(found.trace, fmt::format("{}", number), &found.trace_file, error);
}

// Where the search is kept, or was kept if it is to go on.
Result<std::unique_ptr<SearchStore>> Explorer::OpenStore() const {
  const std::string path = TraceStem() + ".explore.db";
  const std::map<std::string, std::string> pieces = SearchPieces(program_.hash, options_);
  if (!options_.resume) return std::make_unique<SearchStore>(path, pieces);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return Error{fmt::format("there is nothing to resume: no file '{}'", path)};
  }
  Result<std::unique_ptr<SearchStore>> store = SearchStore::Open(path);
  if (!store) return store;
  const std::string difference = DifferenceTo(**store, pieces);
  if (!difference.empty()) return Error{fmt::format("{}: {}", path, difference)};
  return store;
}

void Explorer::DescribeRun() {
  result_.program = program_.shown_name;
  result_.strategy = options_.strategy;
  result_.seed = options_.seed;
  result_.jobs = static_cast<int>(options_.jobs);
  result_.build_seconds = program_.build_seconds;
  result_.with_outcomes = options_.outcomes;
  result_.compare = options_.compare;
}

// What is known of a run that left nothing to be believed.
Exploration Explorer::Damaged(const SearchResult& search) {
  result_.verdict = Verdict::kError;
  result_.error = search.failure;
  return std::move(result_);
}

void Explorer::CollectCounts(const SearchResult& search) {
  const PartCounts& c = search.total.counts;
  result_.executions = c.executions;
  result_.cut = c.cut;
  result_.redundant = c.redundant;
  result_.vain = c.vain;
  result_.events = c.steps;
  result_.restarts = c.restarts;
  result_.complete = search.complete;
}

// Executions like this one take long, until the limit is reached: not to be run more often than need be.
bool EndedByLimit(const Trace& trace) {
  const std::string& o = trace.outcome;
  return o != NameOf(Outcome::kCompleted) && o != NameOf(Outcome::kDeadlock) &&
         o != NameOf(Outcome::kAssertion) && o != NameOf(Outcome::kCrash) &&
         o != NameOf(Outcome::kException);
}

// Makes the trace as simple as can be, and finds out from where on the bug cannot be avoided.
void Explorer::Refine(FoundFinding& found) {
  if (!options_.refine || EndedByLimit(found.trace)) return;
  const FindingContext context{program_, *file_, SearchOptionsOf(), ToKeys(found.trace.racy)};
  Shorten(context, found);
  FindInevitable(context, found);
  if (!found.always) SampleFrequency(context, found);
}

// Why the finding could happen; for the first ones only, since each takes an execution more.
void Explorer::SayWhy(FoundFinding& found) {
  if (result_.findings.size() >= kMostExplained || EndedByLimit(found.trace)) return;
  const Runner runner(program_, config_, options_.arguments, options_.stdin_file);
  Result<Trace> whole = runner.Run({ToRuns(found.trace.schedule), ToKeys(found.trace.racy), true});
  if (whole && PutFirst(found.finding.signature, *whole)) found.trace.explanation = Explain(*whole);
}

// Whether a finding is worth knowing only.
bool Explorer::IsInformation(const SeenFinding& seen) const {
  if (seen.is_measure || seen.finding.kind == NameOf(FindingKind::kReached)) return true;
  return seen.finding.kind == NameOf(FindingKind::kProcess) && !options_.strict_processes;
}

// Why a livelock is no bug of the program; null: it is one.
const char* ExcuseOf(const FoundFinding& found) {
  if (found.finding.cycle_length == 0) return nullptr;
  if (IsLibraryLoop(found.trace, found.finding)) {
    return "no bug of the program, a loop of the library";
  }
  if (OnlyOneGetsOn(found.trace, found.finding)) {
    return "starvation, if a lock passes others over like this";
  }
  return nullptr;
}

bool Explorer::CollectFindings(const SearchResult& search, std::string* error) {
  for (const SeenFinding& seen : search.total.findings) {
    const bool ignored =
        std::any_of(options_.ignored.begin(), options_.ignored.end(),
                    [&](FindingKind kind) { return seen.finding.kind == NameOf(kind); });
    if (ignored) continue;
    FoundFinding found;
    found.execution = seen.execution;
    found.times = seen.times;
    found.finding = seen.finding;
    if (seen.is_measure) found.measure = seen.measure;
    if (seen.is_limit) {
      result_.limits.push_back(std::move(found));
      continue;
    }
    if (Result<Trace> trace = Record(search, seen.recipe, CycleOf(seen.finding))) {
      found.trace = std::move(*trace);
      found.trace.execution = seen.execution;
      found.confirmed = PutFirst(found.finding.signature, found.trace);
      found.preemptions = PreemptionsOf(found.trace);
      if (found.confirmed) {
        found.finding = found.trace.findings.front();
        const bool simplest =
            options_.strategy == "auto" && !options_.keep_going && !options_.outcomes;
        if (!IsInformation(seen)) {
          if (simplest || options_.compare) Refine(found);
          SayWhy(found);
        }
      } else {
        found.trace.findings.insert(found.trace.findings.begin(), found.finding);
      }
      if (!WriteTraces(found, ++numbered_, error)) return false;
    }
    if (const char* excuse = found.confirmed ? ExcuseOf(found) : nullptr) {
      found.finding.message = excuse + (": " + found.finding.message);
      result_.information.push_back(std::move(found));
      continue;
    }
    (IsInformation(seen) ? result_.information : result_.findings).push_back(std::move(found));
  }
  return true;
}

// Whether the search begins with predictions from one execution.
bool Explorer::Foretells() const {
  if (options_.strategy == "predict") return true;
  return options_.strategy == "auto" && options_.preemptions < 0 && !options_.keep_going &&
         !options_.outcomes && !options_.resume && options_.predict && options_.property.empty();
}

// The finding of the execution in which a prediction came true.
bool Explorer::CollectPrediction(Foresight& foresight, std::string* error) {
  Trace& trace = *foresight.confirmed;
  trace.strategy = options_.strategy;
  trace.seed = options_.seed;
  trace.options = TraceOptionsOf(config_, options_.rwlock_policy);
  trace.execution = foresight.executions;
  FoundFinding found;
  found.execution = foresight.executions;
  found.times = 1;
  found.predicted = !foresight.observed_bug;
  found.finding = trace.findings.front();
  const Runner runner(program_, config_, options_.arguments, options_.stdin_file);
  Result<Trace> again = runner.Run({.schedule = ToRuns(trace.schedule)});
  found.trace = std::move(trace);
  found.confirmed = again && PutFirst(found.finding.signature, *again);
  found.preemptions = PreemptionsOf(found.trace);
  if (found.confirmed) {
    Refine(found);
    SayWhy(found);
  }
  if (!WriteTraces(found, 1, error)) return false;
  result_.executions = foresight.executions;
  result_.events = found.trace.events.size();
  result_.findings.push_back(std::move(found));
  return true;
}

// Predictions that did not come true are told only where nothing better is known.
void Explorer::CollectUnconfirmed(Foresight& foresight) {
  if (result_.complete || !result_.findings.empty()) return;
  for (Unconfirmed& u : foresight.unconfirmed) {
    FoundFinding found;
    found.finding = std::move(u.finding);
    found.predicted = true;
    found.reason = std::move(u.reason);
    found.trace = std::move(u.observed);
    result_.information.push_back(std::move(found));
  }
}

// What is worth a look where no bug was found.
void Explorer::CollectAdvice(Foresight& foresight) {
  if (!result_.findings.empty()) return;
  std::move(foresight.advice.begin(), foresight.advice.end(),
            std::back_inserter(result_.information));
}

// The exploration, if it ends with what one execution foretells.
Result<Exploration> Explorer::ResultOf(Foresight& foresight, double seconds) {
  result_.executions = foresight.executions;
  std::string error;
  if (foresight.confirmed && !CollectPrediction(foresight, &error)) return Error{error};
  CollectUnconfirmed(foresight);
  CollectAdvice(foresight);
  if (foresight.skipped > 0 && result_.findings.empty()) {
    result_.bounds.push_back(UnfinishedText());
    result_.bounds.push_back(
        fmt::format("{} pair(s) of accesses or locks not looked at: too many", foresight.skipped));
  }
  result_.seconds = seconds;
  Judge(SearchResult{});
  return std::move(result_);
}

constexpr int kAborted = 128 + SIGABRT;

// Puts beside the outcomes how often each comes without csim's scheduler. Those that only come there have no
// executions.
bool Explorer::CountNativeRuns(std::string* error) {
  NativeOptions native;
  native.program = program_.path;
  native.argument0 = program_.shown_name;
  native.arguments = options_.arguments;
  native.stdin_file = options_.stdin_file;
  native.runs = options_.native;
  const Result<std::vector<NativeOutcome>> outcomes = RunNatively(native, &Interrupted);
  if (!outcomes) {
    *error = "--native: " + outcomes.error();
    return false;
  }
  for (const NativeOutcome& n : *outcomes) {
    result_.native_runs += n.runs;
    // What libc says of an abort comes after the program's output; who waits for ever hangs.
    const auto same = [&](const FoundOutcome& o) {
      const bool waits =
          o.outcome == NameOf(Outcome::kDeadlock) || o.outcome == NameOf(Outcome::kLivelock);
      const bool aborted = o.exit_code == kAborted && n.exit_code == kAborted;
      if (n.hung || aborted) return (n.hung ? waits : aborted) && n.output.starts_with(o.output);
      return o.output == n.output && o.exit_code == n.exit_code && !waits;
    };
    const auto known = std::find_if(result_.outcomes.begin(), result_.outcomes.end(), same);
    if (known != result_.outcomes.end()) {
      known->native += n.runs;
      continue;
    }
    FoundOutcome outcome;
    outcome.output = n.output;
    outcome.exit_code = n.exit_code;
    outcome.outcome = n.hung ? "hung" : n.exit_code > 128 ? "crash" : "completed";
    outcome.native = n.runs;
    result_.outcomes.push_back(std::move(outcome));
  }
  return true;
}

bool Explorer::CollectOutcomes(const SearchResult& search, std::string* error) {
  if (!options_.outcomes) return true;
  for (size_t i = 0; i < search.total.outcomes.size(); ++i) {
    const SeenOutcome& seen = search.total.outcomes[i];
    FoundOutcome outcome;
    outcome.output = seen.output;
    outcome.exit_code = seen.exit_code;
    outcome.outcome = NameOf(seen.outcome);
    outcome.executions = seen.executions;
    if (i < kMaxOutcomeTraces) {
      if (Result<Trace> trace = Record(search, seen.recipe)) {
        trace->execution = seen.first_execution;
        if (!WriteTraceFile(*trace, fmt::format("outcome{}", i + 1), &outcome.trace_file, error))
          return false;
      }
    }
    result_.outcomes.push_back(std::move(outcome));
  }
  if (options_.native > 0 && !CountNativeRuns(error)) return false;
  std::sort(result_.outcomes.begin(), result_.outcomes.end(),
            [](const FoundOutcome& a, const FoundOutcome& b) {
              return std::tie(a.output, a.exit_code, a.outcome) <
                     std::tie(b.output, b.exit_code, b.outcome);
            });
  return true;
}

// Why the strategy did not finish, if nothing else tells.
std::string Explorer::UnfinishedText() const {
  const bool limited = options_.executions != 0 && result_.executions >= options_.executions;
  if (!Samples(options_.strategy) && options_.strategy != "round-robin" && limited) {
    return fmt::format("stopped after {} executions (--executions)", result_.executions);
  }
  if (options_.strategy == "predict") {
    return "one execution, and what can be foreseen from it (--strategy predict): not exhaustive";
  }
  return fmt::format("{} executions by strategy {}, which is not exhaustive{}", result_.executions,
                     options_.strategy, limited ? " (--executions)" : "");
}

void Explorer::Judge(const SearchResult& search) {
  const PartCounts& c = search.total.counts;
  auto& bounds = result_.bounds;
  if (search.interrupted) bounds.emplace_back("interrupted by the user");
  if (search.timed_out)
    bounds.push_back(fmt::format("stopped after {} s (--time-limit)", options_.time_limit));
  if (c.limit_steps_hit > 0) {
    bounds.push_back(fmt::format("{} execution(s) cut after {} operations (--max-steps)",
                                 c.limit_steps_hit, options_.max_steps));
  }
  if (search.bounded)
    bounds.push_back(fmt::format("at most {} preemptions (--preemptions)", options_.preemptions));
  if (c.lost != 0)
    bounds.push_back(
        fmt::format("{} execution(s) lost: the process was killed from outside", c.lost));
  if (c.nondet != 0) bounds.emplace_back("__VERIFIER_nondet_* tried a sample of all values only");
  for (const FoundFinding& limit : result_.limits) bounds.push_back(limit.finding.message);
  if (options_.strategy == "fair-cycles" && search.complete) {
    result_.no_livelock = result_.findings.empty() && result_.information.empty();
    bounds.emplace_back(
        "every state, not every execution (--strategy fair-cycles): races and outcomes may be "
        "missed");
  }
  const bool reached = std::any_of(
      result_.information.begin(), result_.information.end(),
      [](const FoundFinding& f) { return f.finding.kind == NameOf(FindingKind::kReached); });
  if (reached) bounds.emplace_back("stopped where the program says that it is reached");
  const bool stopped_at_bug =
      !result_.findings.empty() && !options_.keep_going && !options_.outcomes;
  const auto uncontrolled =
      std::find_if(result_.findings.begin(), result_.findings.end(),
                   [](const FoundFinding& f) { return f.finding.kind == "uncontrolled"; });
  const bool failed = uncontrolled != result_.findings.end() || !search.failure.empty();
  if (!result_.complete && bounds.empty() && !stopped_at_bug && !failed) {
    bounds.push_back(UnfinishedText());
  }
  if (!bounds.empty()) result_.complete = false;
  if (uncontrolled != result_.findings.end()) {
    result_.verdict = Verdict::kError;
    result_.error = uncontrolled->finding.message;
  } else if (!search.failure.empty()) {
    result_.verdict = Verdict::kError;
    result_.error = search.failure;
  } else if (!result_.findings.empty()) {
    result_.verdict = Verdict::kBug;
  } else {
    result_.verdict = result_.complete ? Verdict::kClean : Verdict::kBounded;
  }
}

// What remains to be asked where tasks can go round in vain: whether they can do so for ever. False: *error.
bool Explorer::SearchLivelocks(const std::vector<LocationKey>& racy, double seconds,
                               std::string* error) {
  livelocks_sought_ = true;
  SearchOptions options = SearchOptionsOf();
  MakeLivelockSearch(options_, racy, seconds, &options);
  const Config usual = config_;
  config_.every_round = true;  // traces are to be run the same way
  const auto ignore = [](const std::string&) {};
  const size_t information = result_.information.size();
  const int numbered = numbered_;
  for (;;) {
    Search search(options, *file_, nullptr, ignore);
    Result<SearchResult> searched = search.Run(nullptr, &Interrupted);
    if (!searched) *error = searched.error();
    if (!searched || searched->damaged) break;
    result_.livelock_executions += searched->total.counts.executions;
    result_.information.erase(result_.information.begin() + static_cast<ptrdiff_t>(information),
                              result_.information.end());
    numbered_ = numbered;
    if (!CollectFindings(*searched, error)) break;
    livelock_bound_ = LivelockBound(*searched, *file_);
    result_.no_livelock = livelock_bound_.empty() && result_.findings.empty() &&
                          result_.information.size() == information;
    // Behind a loop of the library there may be others.
    const bool more = result_.findings.empty() && result_.information.size() > information;
    if (!more || options.session.config.keep_going) break;
    options.session.config.keep_going = true;
  }
  config_ = usual;
  return error->empty();
}

Result<Exploration> Explorer::Run(const std::function<void(const Progress&)>& progress) {
  Result<ProgramFile> file = ProgramFile::Open(program_.path);
  if (!file) return Error{file.error()};
  if (!file->instrumented()) {
    return Error{
        fmt::format("'{}' was not built by csim; give its sources instead", program_.shown_name)};
  }
  file_ = std::move(*file);
  config_ = MakeConfig(options_);
  DescribeRun();
  const Clock::time_point start = Clock::now();
  Foresight foresight;
  if (Foretells()) {
    Result<Foresight> foreseen = Foresee(program_, config_, options_);
    if (foreseen) foresight = std::move(*foreseen);  // else the search finds out why
    if ((foresight.confirmed && !foresight.observed_bug) ||
        (foreseen && options_.strategy == "predict")) {
      return ResultOf(foresight, SecondsSince(start));
    }
    if (options_.strategy == "predict") return Error{foreseen.error()};
  }
  std::unique_ptr<SearchStore> store;
  if (options_.resumable || options_.resume) {
    Result<std::unique_ptr<SearchStore>> opened = OpenStore();
    if (!opened) return Error{opened.error()};
    store = std::move(*opened);
  }
  const auto warn = [](const std::string& text) { fmt::print(stderr, "csim: note: {}\n", text); };
  Search search(SearchOptionsOf(), *file_, store.get(), warn);
  if (options_.resume && !search.Resume()) {
    return Error{fmt::format("{}: the exploration that it keeps is damaged", store->path())};
  }
  const auto tick = [&](const SearchProgress& p) {
    std::optional<Estimate> estimate;
    if (p.estimate) estimate = Estimate{p.estimate->executions, p.estimate->error};
    progress({p.executions, p.findings, p.depth, SecondsSince(start), p.earlier_seconds, estimate});
  };
  const auto ticked = progress ? std::function<void(const SearchProgress&)>(tick) : nullptr;
  std::string error;
  // Executions without an end take their time: whether there is a livelock is asked as soon as there is one.
  // Long ones are enough where the exploration takes long too.
  const auto ends_with_livelock = [&] {
    if (livelocks_sought_ || !BelongsToExploration(options_)) return false;
    const bool late = options_.time_limit > 0 && SecondsSince(start) > options_.time_limit / 6;
    if (!search.SeesNoEnd(late ? kLongExecution : kEndlessExecution)) return false;
    SearchLivelocks(search.racy(), SecondsSince(start), &error);
    return !result_.findings.empty() || !error.empty();
  };
  Result<SearchResult> found =
      search.Run(ticked, [&] { return Interrupted() || ends_with_livelock(); });
  if (!found) return Error{found.error()};
  if (!error.empty()) return Error{error};
  if (!result_.findings.empty() && !Interrupted()) {  // that is why it was stopped
    found->interrupted = found->resumable = false;
    if (store) store->Remove();
  }
  result_.seconds = found->earlier_seconds + SecondsSince(start);
  if (found->damaged) return Damaged(*found);
  CollectCounts(*found);
  if (!CollectFindings(*found, &error) || !CollectOutcomes(*found, &error)) return Error{error};
  const bool open = result_.findings.empty() && LeavesLivelocksOpen(*found);
  if (!livelocks_sought_ && open && BelongsToExploration(options_) && !Interrupted() &&
      !SearchLivelocks(found->racy, SecondsSince(start), &error)) {
    return Error{error};
  }
  result_.seconds = found->earlier_seconds + SecondsSince(start);
  Judge(*found);
  // "clean" says that no schedule fails, not that each of them ends.
  const bool asked = LeavesLivelocksOpen(*found) || found->total.counts.limit_steps_hit > 0;
  if (result_.findings.empty() && asked && !livelock_bound_.empty()) {
    result_.bounds.push_back(livelock_bound_);
  }
  CollectUnconfirmed(foresight);
  CollectAdvice(foresight);
  for (FoundFinding& f : result_.findings) {
    f.complete = result_.complete && f.finding.cycle_length == 0;
    f.of = result_.executions - result_.redundant - result_.vain;
  }
  result_.resumable = found->resumable;
  return std::move(result_);
}

}  // namespace

bool Interrupted() { return g_interrupted; }

void CatchInterrupts() {
  const auto handler = [](int) { g_interrupted = true; };
  std::signal(SIGINT, handler);
  std::signal(SIGTERM, handler);
  std::signal(SIGHUP, handler);
}

void SetProperty(Config& config, const std::string& name) {
  std::strncpy(config.property, name.c_str(), sizeof(config.property) - 1);
}

Config MakeConfig(const ExploreOptions& o) {
  Config c{};
  c.seed = o.seed;
  c.max_steps = o.max_steps;
  c.memory_limit = o.memory_limit;
  c.preemptions = o.preemptions < 0 ? ~0u : static_cast<uint32_t>(o.preemptions);
  c.depth = o.depth;
  c.endless_loop_ms = static_cast<uint32_t>(o.loop_limit * 1000);
  c.switch_mode = o.switch_mode == "kernel" ? SwitchMode::kKernel : SwitchMode::kUser;
  c.restart_mode = o.restart == "fork" ? RestartMode::kFork : RestartMode::kInPlace;
  c.rw_policy = PolicyOf(o.rwlock_policy);
  c.timeouts_any = o.timeouts == "any";
  c.spurious_wakeups = o.spurious;
  c.strict_processes = o.strict_processes;
  c.io_faults = o.io_faults;
  c.keep_going = o.keep_going;
  c.all_outcomes = o.outcomes;
  SetProperty(c, o.property);
  c.fairness = o.fairness;
  c.every_round = o.strategy == "fair-cycles";
  c.fairness_bound = o.fairness_bound < 0 ? ~0u : static_cast<uint32_t>(o.fairness_bound);
  for (const FindingKind kind : o.ignored) c.ignored |= 1u << static_cast<unsigned>(kind);
  return c;
}

Config MakeReplayConfig(const TraceOptions& t, const std::string& switch_mode) {
  Config c{};
  c.max_steps = t.max_steps;
  c.memory_limit = t.memory_limit;
  c.preemptions = ~0u;
  c.endless_loop_ms = t.endless_loop_ms;
  c.switch_mode = switch_mode == "kernel" ? SwitchMode::kKernel : SwitchMode::kUser;
  c.rw_policy = PolicyOf(t.rwlock_policy);
  c.timeouts_any = t.timeouts_any;
  c.spurious_wakeups = t.spurious_wakeups;
  c.io_faults = t.io_faults;
  SetProperty(c, t.property);
  c.fairness = t.fairness;
  c.every_round = t.every_round;
  c.fairness_bound = t.fairness_bound;
  return c;
}

Result<Program> BuildProgram(const std::vector<std::string>& files,
                             const std::vector<std::string>& flags) {
  Program p;
  p.sources = files;
  p.flags = flags;
  p.shown_name = files.empty() ? "" : files[0];
  const Clock::time_point start = Clock::now();
  std::error_code error;
  for (const std::string& f : files) {
    if (!fs::exists(f, error)) return Error{fmt::format("no such file: '{}'", f)};
    if (fs::is_directory(f, error)) return Error{fmt::format("'{}' is a directory", f)};
  }
  if (files.size() == 1 && !IsSource(files[0])) {
    Result<ProgramFile> file = ProgramFile::Open(files[0]);
    if (!file) return Error{fmt::format("{} (nor a C or C++ source file)", file.error())};
    p.path = fs::absolute(files[0]).string();
    p.hash = FileHash(p.path);
    return p;
  }
  instrument::BuildRequest request;
  request.sources = files;
  request.flags = flags;
  request.runtime_library = RuntimeLibrary();
  request.include_dir = IncludeDirectory();
  request.cache_dir = CacheDirectory();
  const instrument::BuildResult built = instrument::Build(request);
  if (!built.ok)
    return Error{built.error.rfind("csim: error: ", 0) == 0 ? built.error.substr(13) : built.error};
  p.path = built.program;
  p.hash = built.hash;
  p.notes = built.notes;
  p.background = built.background;
  p.phases = PhaseText(built.times);
  p.build_seconds = SecondsSince(start);
  return p;
}

Result<Exploration> Explore(const Program& program, const ExploreOptions& options,
                            const std::function<void(const Progress&)>& progress) {
  const Result<ProgramFile> file = ProgramFile::Open(program.path);
  if (file && file->states_properties()) {
    Result<std::vector<StatedProperty>> stated = ListProperties(program, options);
    if (!stated) return Error{stated.error()};
    if (!stated->empty()) return ExploreProperties(program, options, *stated, progress);
  }
  if (!options.property.empty()) return Error{"--property: the program states no properties"};
  return ExploreWhole(program, options, progress);
}

Result<Exploration> ExploreWhole(const Program& program, const ExploreOptions& options,
                                 const std::function<void(const Progress&)>& progress) {
  return Explorer(program, options).Run(progress);
}

}  // namespace csim
