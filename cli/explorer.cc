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

#include "cli/paths.h"
#include "cli/write_file.h"
#include "instrument/build.h"
#include "model/trace/trace_file.h"
#include "scheduler/factory.h"
#include "sim/host/program_file.h"
#include "sim/host/trace_reader.h"

namespace csim {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr size_t kMaxOutcomeTraces = 100;

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

void PutStrategy(Config& config, const std::string& name) {
  std::strncpy(config.strategy, name.c_str(), sizeof(config.strategy) - 1);
}

TraceOptions TraceOptionsOf(const Config& c, const std::string& policy) {
  return {c.timeouts_any, c.spurious_wakeups, policy,
          c.max_steps,    c.memory_limit,     c.endless_loop_ms};
}

// What one exploration needs to make its result.
class Explorer {
 public:
  Explorer(const Program& program, const ExploreOptions& options)
      : program_(program), options_(options) {}

  Result<Exploration> Run(const std::function<void(const Progress&)>& progress);

 private:
  Result<std::unique_ptr<Session>> StartSession();
  void DescribeRun();
  Exploration Damaged(const Session& session);
  void CollectCounts(const Session& session);
  bool CollectFindings(const Session& session, std::string* error);
  bool CollectOutcomes(const Session& session, std::string* error);
  std::string UnfinishedText() const;
  void Judge(const Session& session);
  Result<Trace> Record(const Session& session, uint64_t schedule_offset, uint32_t runs,
                       uint32_t racy_count);
  bool WriteTraceFile(Trace& trace, const std::string& label, std::string* path,
                      std::string* error);
  std::string TraceStem() const;

  const Program& program_;
  const ExploreOptions& options_;
  Config config_{};
  std::optional<ProgramFile> file_;
  Exploration result_;
};

Result<std::unique_ptr<Session>> Explorer::StartSession() {
  SessionOptions s;
  s.program = program_.path;
  s.argument0 = program_.shown_name;
  s.arguments = options_.arguments;
  s.stdin_file = options_.stdin_file;
  s.config = config_ = MakeConfig(options_);
  s.time_limit = options_.time_limit;
  s.cpu = sched_getcpu();
  return Session::Start(s);
}

Result<Trace> Explorer::Record(const Session& session, uint64_t schedule_offset, uint32_t runs,
                               uint32_t racy_count) {
  Config config = config_;
  Result<Trace> trace =
      RecordExecution(program_, config, options_.arguments, options_.stdin_file,
                      session.ScheduleAt(schedule_offset, runs), session.Racy(racy_count));
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
  return (fs::path(options_.trace_dir) / stem).string();
}

bool Explorer::WriteTraceFile(Trace& trace, const std::string& label, std::string* path,
                              std::string* error) {
  *path = fmt::format("{}.{}.trace.json", TraceStem(), label);
  return WriteFile(*path, WriteTrace(trace), error);
}

void Explorer::DescribeRun() {
  result_.program = program_.shown_name;
  result_.strategy = options_.strategy;
  result_.seed = options_.seed;
  result_.build_seconds = program_.build_seconds;
  result_.with_outcomes = options_.outcomes;
}

// What is known of a run that left nothing to be believed.
Exploration Explorer::Damaged(const Session& session) {
  result_.verdict = Verdict::kError;
  result_.error = session.failure();
  return std::move(result_);
}

void Explorer::CollectCounts(const Session& session) {
  const Control& c = session.mapping().control;
  result_.executions = c.executions;
  result_.cut = c.cut;
  result_.redundant = c.redundant;
  result_.vain = c.vain;
  result_.events = c.steps;
  result_.restarts = c.restarts;
  result_.complete = c.complete != 0 && !session.timed_out() && !session.interrupted();
}

bool Explorer::CollectFindings(const Session& session, std::string* error) {
  const Mapping& m = session.mapping();
  const uint32_t count = std::min(m.control.finding_count, kMaxFindings);
  const TraceReader reader(session, *file_);
  int number = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const FindingRecord& record = m.findings[i];
    FoundFinding found;
    found.execution = record.execution;
    found.times = record.times;
    found.finding = reader.ReadFinding(i);
    if (record.kind == FindingKind::kLimit) {
      result_.limits.push_back(std::move(found));
      continue;
    }
    if (Result<Trace> trace =
            Record(session, record.schedule_offset, record.schedule_runs, record.racy_count)) {
      found.trace = std::move(*trace);
      found.trace.execution = record.execution;
      auto& all = found.trace.findings;
      const auto same = std::find_if(all.begin(), all.end(), [&](const Finding& f) {
        return f.signature == found.finding.signature;
      });
      if (same != all.end()) {
        found.finding = *same;
        found.confirmed = true;
        std::rotate(all.begin(), same, same + 1);
      } else {
        all.insert(all.begin(), found.finding);
      }
      if (!WriteTraceFile(found.trace, fmt::format("{}", ++number), &found.trace_file, error))
        return false;
    }
    result_.findings.push_back(std::move(found));
  }
  return true;
}

bool Explorer::CollectOutcomes(const Session& session, std::string* error) {
  if (!options_.outcomes) return true;
  const Mapping& m = session.mapping();
  const uint32_t count = std::min(m.control.outcome_count, kMaxOutcomes);
  for (uint32_t i = 0; i < count; ++i) {
    const OutcomeRecord& record = m.outcomes[i];
    FoundOutcome outcome;
    if (const void* text = session.At(record.output_offset, record.output_size)) {
      outcome.output.assign(static_cast<const char*>(text), record.output_size);
    }
    outcome.exit_code = record.exit_code;
    outcome.outcome = NameOf(record.outcome);
    outcome.executions = record.executions;
    if (i < kMaxOutcomeTraces) {
      if (Result<Trace> trace =
              Record(session, record.schedule_offset, record.schedule_runs, record.racy_count)) {
        trace->execution = record.first_execution;
        if (!WriteTraceFile(*trace, fmt::format("outcome{}", i + 1), &outcome.trace_file, error))
          return false;
      }
    }
    result_.outcomes.push_back(std::move(outcome));
  }
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
  return fmt::format("{} executions by strategy {}, which is not exhaustive{}", result_.executions,
                     options_.strategy, limited ? " (--executions)" : "");
}

void Explorer::Judge(const Session& session) {
  const Control& c = session.mapping().control;
  auto& bounds = result_.bounds;
  if (session.interrupted()) bounds.emplace_back("interrupted by the user");
  if (session.timed_out())
    bounds.push_back(fmt::format("stopped after {} s (--time-limit)", options_.time_limit));
  if (c.limit_steps_hit > 0) {
    bounds.push_back(fmt::format("{} execution(s) cut after {} operations (--max-steps)",
                                 c.limit_steps_hit, options_.max_steps));
  }
  if (c.bounded != 0)
    bounds.push_back(fmt::format("at most {} preemptions (--preemptions)", options_.preemptions));
  if (c.lost != 0)
    bounds.push_back(
        fmt::format("{} execution(s) lost: the process was killed from outside", c.lost));
  if (c.nondet != 0) bounds.emplace_back("__VERIFIER_nondet_* tried a sample of all values only");
  for (const FoundFinding& limit : result_.limits) bounds.push_back(limit.finding.message);
  const bool stopped_at_bug =
      !result_.findings.empty() && !options_.keep_going && !options_.outcomes;
  const auto uncontrolled =
      std::find_if(result_.findings.begin(), result_.findings.end(),
                   [](const FoundFinding& f) { return f.finding.kind == "uncontrolled"; });
  const bool failed = uncontrolled != result_.findings.end() || !session.failure().empty();
  if (!result_.complete && bounds.empty() && !stopped_at_bug && !failed) {
    bounds.push_back(UnfinishedText());
  }
  if (!bounds.empty()) result_.complete = false;
  if (uncontrolled != result_.findings.end()) {
    result_.verdict = Verdict::kError;
    result_.error = uncontrolled->finding.message;
  } else if (!session.failure().empty()) {
    result_.verdict = Verdict::kError;
    result_.error = session.failure();
  } else if (!result_.findings.empty()) {
    result_.verdict = Verdict::kBug;
  } else {
    result_.verdict = result_.complete ? Verdict::kClean : Verdict::kBounded;
  }
}

Result<Exploration> Explorer::Run(const std::function<void(const Progress&)>& progress) {
  Result<ProgramFile> file = ProgramFile::Open(program_.path);
  if (!file) return Error{file.error()};
  if (!file->instrumented()) {
    return Error{
        fmt::format("'{}' was not built by csim; give its sources instead", program_.shown_name)};
  }
  file_ = std::move(*file);
  Result<std::unique_ptr<Session>> session = StartSession();
  if (!session) return Error{session.error()};
  const Clock::time_point start = Clock::now();
  const auto tick = [&] {
    if (!progress) return;
    const Control& c = (*session)->mapping().control;
    progress({c.executions, c.finding_count, SecondsSince(start)});
  };
  (*session)->Wait(std::chrono::milliseconds(200), tick, &Interrupted);
  result_.seconds = SecondsSince(start);
  DescribeRun();
  if ((*session)->damaged()) return Damaged(**session);
  CollectCounts(**session);
  std::string error;
  if (!CollectFindings(**session, &error) || !CollectOutcomes(**session, &error))
    return Error{error};
  Judge(**session);
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

Config MakeConfig(const ExploreOptions& o) {
  Config c{};
  PutStrategy(c, o.strategy);
  c.seed = o.seed;
  c.max_executions = o.executions != 0     ? o.executions
                     : Samples(o.strategy) ? kSampledExecutions
                                           : 0;
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
  c.keep_going = o.keep_going;
  c.all_outcomes = o.outcomes;
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
  return c;
}

Result<Trace> RecordExecution(const Program& program, const Config& base,
                              const std::vector<std::string>& arguments,
                              const std::string& stdin_file,
                              const std::vector<ScheduleRun>& schedule,
                              const std::vector<LocationKey>& racy) {
  SessionOptions s;
  s.program = program.path;
  s.argument0 = program.shown_name;
  s.arguments = arguments;
  s.stdin_file = stdin_file;
  s.config = base;
  PutStrategy(s.config, "replay");
  s.config.max_executions = 1;
  s.config.record = true;
  s.config.restart_mode = RestartMode::kInPlace;
  s.schedule = schedule;
  s.racy = racy;
  s.cpu = sched_getcpu();
  Result<std::unique_ptr<Session>> session = Session::Start(s);
  if (!session) return Error{session.error()};
  (*session)->Wait(std::chrono::milliseconds(1000), nullptr, &Interrupted);
  Result<ProgramFile> file = ProgramFile::Open(program.path);
  if (!file) return Error{file.error()};
  if (!(*session)->failure().empty()) return Error{(*session)->failure()};
  Trace trace = TraceReader(**session, *file).ReadTrace();
  trace.program = program.shown_name;
  trace.sources = program.sources;
  trace.flags = program.flags;
  trace.arguments = arguments;
  trace.stdin_file = stdin_file;
  trace.hash = program.hash;
  trace.racy = ToRacy(racy);
  return trace;
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
  return Explorer(program, options).Run(progress);
}

}  // namespace csim
