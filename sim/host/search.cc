#include "sim/host/search.h"

#include <algorithm>
#include <utility>

namespace csim {

namespace {

constexpr std::chrono::milliseconds kKeepPeriod{500};
constexpr std::chrono::milliseconds kTickPeriod{200};
// Deaths of processes do not ring the bell.
constexpr std::chrono::milliseconds kLookPeriod{10};

StrategyOptions StrategyOf(const SearchOptions& options) {
  StrategyOptions s;
  s.name = options.strategy;
  s.seed = options.session.config.seed;
  if (options.executions != 0) s.executions = options.executions;
  s.preemptions = options.preemptions;
  return s;
}

}  // namespace

Search::Search(const SearchOptions& options, const ProgramFile& program, SearchStore* store,
               std::function<void(const std::string&)> warn)
    : options_(options),
      program_(program),
      store_(store),
      warn_(std::move(warn)),
      frontier_(MakeFrontier(StrategyOf(options))),
      workers_(std::max(options.jobs, 1u)) {
  result_.racy = options.racy;
}

Search::~Search() = default;

double Search::Seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

// True if the search ends with such a part.
bool Search::EndsSearch(PartEnd end) const {
  return end == PartEnd::kBug || end == PartEnd::kUncontrolled;
}

// Executions that the round may have.
uint64_t Search::Budget() const {
  if (options_.executions == 0) return kUnlimited;
  return options_.executions - std::min(options_.executions, result_.total.counts.executions);
}

// ---- A round ----

void Search::BeginRound(std::vector<Part> parts) {
  round_state_ = frontier_->Save();
  parts_.clear();
  parts_.resize(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    parts_[i].part = std::move(parts[i]);
    parts_[i].state = parts_[i].part.state;
  }
  next_ = settled_ = 0;
  used_ = 0;
  stop_at_ = parts_.size();
  over_ = false;
  round_unsaved_ = true;
}

// False if there is none, or no budget for it.
bool Search::NextRound() {
  std::vector<Part> parts = frontier_->NextRound();
  if (parts.empty()) {
    result_.complete = frontier_->complete();
    return false;
  }
  if (Budget() == 0) return false;
  BeginRound(std::move(parts));
  return true;
}

// The executions that the part may have, given what is known of the parts before it: never too few.
uint64_t Search::LimitOf(size_t index) const {
  const uint64_t wanted = parts_[index].part.executions;
  if (options_.executions == 0) return wanted;
  uint64_t left = Budget();
  for (size_t i = 0; i < index; ++i) {
    left -= std::min(left, parts_[i].report.counts.executions);
  }
  return std::min(left, wanted);
}

void Search::HandOut() {
  for (; next_ < stop_at_; ++next_) {
    PartWork& work = parts_[next_];
    if (work.done || work.taken) continue;
    const uint64_t limit = LimitOf(next_);
    if (limit == 0) return;
    if (work.report.counts.executions > limit) Reset(work);
    if (work.report.counts.executions == limit) {
      work.done = true;
      work.end = PartEnd::kExecutions;
      continue;
    }
    Worker* worker = IdleWorker();
    if (worker == nullptr) return;
    Assign(*worker, work, limit);
  }
}

void Search::Reset(PartWork& work) {
  Part part = std::move(work.part);
  work = PartWork();
  work.state = part.state;
  work.part = std::move(part);
  work.unsaved = true;
}

// Counts the parts that are done, in order. One that ran ahead of the budget is explored again.
void Search::Settle() {
  const uint64_t budget = Budget();
  while (!over_ && settled_ < parts_.size() && parts_[settled_].done) {
    PartWork& work = parts_[settled_];
    const uint64_t executions = work.report.counts.executions;
    if (executions > budget - used_) {
      Reset(work);
      next_ = settled_;
      stop_at_ = settled_ + 1;
      return;
    }
    used_ += executions;
    ++settled_;
    const bool as_far_as_told = work.finished || executions == work.part.executions;
    const bool spent = used_ == budget && (settled_ < parts_.size() || !as_far_as_told);
    over_ = EndsSearch(work.end) || spent;
  }
}

// Explores the parts of the round. False if that could not be finished.
bool Search::RunRound(const std::function<void(const SearchProgress&)>& tick,
                      const std::function<bool()>& stop) {
  for (;;) {
    const uint32_t rings = bell_.Rings();
    for (Worker& worker : workers_) {
      if (worker.work != nullptr) LookAfter(worker);
    }
    HandOut();
    Settle();
    HandOut();
    if (!result_.failure.empty() || !start_error_.empty()) return false;
    if (over_ || settled_ == parts_.size()) return true;
    if (stop && stop()) result_.interrupted = true;
    if (options_.time_limit > 0 && Seconds() > options_.time_limit) result_.timed_out = true;
    if (result_.interrupted || result_.timed_out) return false;
    const Clock::time_point now = Clock::now();
    if (now >= next_keep_) {
      next_keep_ = now + kKeepPeriod;
      AskAllToKeep();
    }
    if (copies_wanted_ && (!AwaitsCopies() || now + kKeepPeriod / 2 >= next_keep_)) {
      copies_wanted_ = false;
      Save();
    }
    if (tick && now >= next_tick_) {
      next_tick_ = now + kTickPeriod;
      tick(Progress());
    }
    bell_.Wait(rings, kLookPeriod);
  }
}

void Search::AppendParts(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const PartWork& work = parts_[i];
    result_.total.Append(work.report, discarded_ + result_.total.counts.executions);
    result_.bounded |= work.bounded;
  }
}

// The program has other scheduling points from now on.
void Search::RestartWith(const std::vector<LocationKey>& racy) {
  for (const LocationKey& key : racy) {
    auto& all = result_.racy;
    if (all.size() < kMaxRacy && std::find(all.begin(), all.end(), key) == all.end()) {
      all.push_back(key);
    }
  }
  frontier_->Restart();
  result_.bounded = false;
  const Config& config = options_.session.config;
  if (!config.keep_going && !config.all_outcomes) return;
  discarded_ += result_.total.counts.executions;
  result_.total.ForgetCounts();
}

void Search::CloseRound() {
  AppendParts(settled_);
  if (over_) return;
  std::vector<LocationKey> racy;
  for (const PartWork& work : parts_) racy.insert(racy.end(), work.racy.begin(), work.racy.end());
  if (!racy.empty()) return RestartWith(racy);
  for (size_t i = 0; i < parts_.size(); ++i) {
    PartWork& work = parts_[i];
    frontier_->Return(i, {work.report.counts.executions, work.finished, work.complete, work.bounded,
                          std::move(work.state)});
  }
  result_.bounded = frontier_->bounded();
}

SearchProgress Search::Progress() const {
  PartCounts sum = result_.total.counts;
  uint64_t findings = result_.total.findings.size();
  const auto add = [&](uint64_t executions, uint64_t steps) {
    sum.executions += executions;
    sum.steps += steps;
  };
  for (const PartWork& work : parts_) {
    const PartCounts& known = work.taken ? work.before.counts : work.report.counts;
    add(known.executions, known.steps);
    findings += work.report.findings.size();
  }
  for (const Worker& worker : workers_) {
    if (worker.work == nullptr) continue;
    const Control& live = worker.session->mapping().control;
    add(live.executions, live.steps);
  }
  return {sum.executions, findings, sum.executions == 0 ? 0 : sum.steps / sum.executions,
          result_.earlier_seconds, frontier_->estimate()};
}

bool Search::SeesNoEnd(uint64_t many_steps) const {
  uint64_t cut = result_.total.counts.limit_steps_hit;
  for (const PartWork& work : parts_) {
    cut += (work.taken ? work.before : work.report).counts.limit_steps_hit;
  }
  bool many = false;
  for (const Worker& worker : workers_) {
    if (worker.work == nullptr) continue;
    const Control& live = worker.session->mapping().control;
    cut += live.limit_steps_hit;
    many |= live.tick > many_steps;
  }
  return cut > 0 || many;
}

// ---- The whole ----

Result<SearchResult> Search::Run(const std::function<void(const SearchProgress&)>& tick,
                                 const std::function<bool()>& stop) {
  start_ = Clock::now();
  next_keep_ = start_ + kKeepPeriod;
  next_tick_ = start_ + kTickPeriod;
  bool more = !parts_.empty() || NextRound();
  while (more) {
    if (!RunRound(tick, stop)) {
      StopAll();
      if (!start_error_.empty()) return Error{start_error_};
      AppendParts(parts_.size());
      break;
    }
    CloseRound();
    more = !over_ && NextRound();
  }
  const bool unfinished = result_.interrupted || result_.timed_out;
  if (store_ != nullptr && !unfinished) store_->Remove();
  return std::move(result_);
}

}  // namespace csim
