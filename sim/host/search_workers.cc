// The workers of a search: who explores which part, and what becomes of it when they die.
#include <sched.h>

#include <thread>
#include <utility>

#include "sim/host/search.h"

namespace csim {

namespace {

// A part whose process dies so often is given up.
constexpr uint32_t kMostDeaths = 1000;
// Who is asked to stop and does not is ended by force.
constexpr std::chrono::seconds kPatience{1};

// The cores that csim may use, from the present one on.
std::vector<int> AllowedCpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {-1};
  const int first = std::max(sched_getcpu(), 0);
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    const int cpu = (first + i) % CPU_SETSIZE;
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus.empty() ? std::vector<int>{-1} : cpus;
}

}  // namespace

bool Search::StartSession(Worker& worker) {
  if (cpus_.empty()) cpus_ = AllowedCpus();
  SessionOptions options = options_.session;
  options.cpu = cpus_[static_cast<size_t>(&worker - workers_.data()) % cpus_.size()];
  Result<std::unique_ptr<Session>> session = Session::Start(options, bell_);
  if (!session) {
    start_error_ = session.error();
    return false;
  }
  worker.session = std::move(*session);
  return true;
}

// One that has a session already, if possible. Null if all are busy.
Search::Worker* Search::IdleWorker() {
  Worker* idle = nullptr;
  for (Worker& worker : workers_) {
    if (worker.work != nullptr) continue;
    if (worker.session != nullptr) return &worker;
    if (idle == nullptr) idle = &worker;
  }
  return idle != nullptr && StartSession(*idle) ? idle : nullptr;
}

void Search::Assign(Worker& worker, PartWork& work, uint64_t limit) {
  worker.work = &work;
  work.taken = true;
  work.before = work.report;
  const uint64_t known = work.report.counts.executions;
  SessionPart part;
  part.strategy = work.part.strategy;
  part.state = work.state;
  part.executions = limit == kUnlimited ? limit : limit - known;
  part.racy = result_.racy;
  if (work.died_at != kNowhere && work.died_at >= known) part.lost_at = work.died_at - known;
  worker.session->Explore(part);
}

void Search::Leave(Worker& worker) {
  worker.work->taken = false;
  worker.work = nullptr;
}

void Search::LookAfter(Worker& worker) {
  Session& session = *worker.session;
  const Session::Status status = session.Look();
  if (!session.damaged() && session.TakeKept()) TakeKept(worker);
  switch (status) {
    case Session::Status::kBusy: {
      // Behind an execution that was lost there may be the next one.
      const Mapping& m = session.mapping();
      if (m.part.lost_at != kNowhere && m.control.executions > m.part.lost_at) session.AskToKeep();
      return;
    }
    case Session::Status::kIdle: return TakeDone(worker);
    case Session::Status::kDied: return AfterDeath(worker);
    case Session::Status::kFailed: result_.failure = session.failure(); return;
  }
}

void Search::TakeKept(Worker& worker) {
  const KeptPart kept = worker.session->mapping().control.kept;
  std::string state = ReadState(*worker.session, kept);
  if (state.empty()) return;  // nobody could go on from there
  PartWork& work = *worker.work;
  work.report = work.before;
  work.report.Append(ReadReport(*worker.session, program_, kept), work.before.counts.executions);
  work.state = std::move(state);
  work.was_damaged = false;
  work.unsaved = true;
}

void Search::TakeDone(Worker& worker) {
  PartWork& work = *worker.work;
  const Mapping& m = worker.session->mapping();
  const KeptPart kept = m.control.kept;
  work.report = work.before;
  work.report.Append(ReadReport(*worker.session, program_, kept), work.before.counts.executions);
  work.state = ReadState(*worker.session, kept);
  work.end = m.control.part_end;
  work.done = work.end != PartEnd::kStopped;
  work.finished = m.control.finished != 0;
  work.complete = m.control.complete != 0;
  work.bounded = m.control.bounded != 0;
  const std::vector<LocationKey> racy = worker.session->Racy(m.control.racy_count);
  if (racy.size() > result_.racy.size()) {
    work.racy.assign(racy.begin() + static_cast<ptrdiff_t>(result_.racy.size()), racy.end());
  }
  work.unsaved = true;
  if (work.done && EndsSearch(work.end)) {
    const auto index = static_cast<size_t>(&work - parts_.data());
    stop_at_ = std::min(stop_at_, index + 1);
  }
  Leave(worker);
}

// The part goes on from where it was kept, in another session; unless it dies in the same place again.
void Search::AfterDeath(Worker& worker) {
  PartWork& work = *worker.work;
  Session& session = *worker.session;
  if (session.damaged()) {
    if (work.was_damaged) {
      result_.failure = session.failure();
      result_.damaged = true;
      return;
    }
    work.was_damaged = true;
  } else {
    const uint64_t place = work.before.counts.executions + session.mapping().control.executions;
    if (place == work.died_at || ++work.deaths > kMostDeaths) {
      result_.failure = session.failure();
      return;
    }
    work.died_at = place;
  }
  next_ = std::min(next_, static_cast<size_t>(&work - parts_.data()));
  Leave(worker);
  worker.session.reset();
}

void Search::AskAllToKeep() {
  copies_wanted_ = true;
  for (Worker& worker : workers_) {
    if (worker.work != nullptr) worker.session->AskToKeep();
  }
}

bool Search::AwaitsCopies() const {
  for (const Worker& worker : workers_) {
    if (worker.work != nullptr && worker.session->AwaitsCopy()) return true;
  }
  return false;
}

// Ends all sessions; what is known then is in the parts, and in the store what can be gone on from.
void Search::StopAll() {
  const bool failed = !result_.failure.empty() || !start_error_.empty();
  const auto busy = [&] {
    for (const Worker& worker : workers_) {
      if (worker.work != nullptr) return true;
    }
    return false;
  };
  for (Worker& worker : workers_) {
    if (worker.work != nullptr) worker.session->AskToStop();
  }
  const Clock::time_point end = Clock::now() + kPatience;
  while (!failed && busy() && Clock::now() < end) {
    const uint32_t rings = bell_.Rings();
    for (Worker& worker : workers_) {
      if (worker.work != nullptr) LookAfter(worker);
    }
    if (busy()) bell_.Wait(rings, std::chrono::milliseconds(10));
  }
  if (!failed) Save();
  result_.resumable = saved_ && !failed;
  for (Worker& worker : workers_) {
    if (worker.work == nullptr) continue;
    PartWork& work = *worker.work;
    worker.session->Kill();
    if (worker.session->damaged()) continue;
    work.report = work.before;
    work.report.Append(ReadReport(*worker.session, program_, LiveOf(worker.session->mapping())),
                       work.before.counts.executions);
  }
}

}  // namespace csim
