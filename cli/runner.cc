#include "cli/runner.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "checker/explanation/livelock.h"
#include "checker/explanation/lost_wakeup.h"
#include "sim/host/program_file.h"
#include "sim/host/session.h"
#include "sim/host/trace_reader.h"

namespace csim {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view kDeadlock = "deadlock";  // how messages of deadlocks begin

// Until the session's part is done or nobody wants it any more.
void WaitFor(Session& session, const Doorbell& bell) {
  Clock::time_point end = Clock::time_point::max();
  for (;;) {
    const uint32_t rings = bell.Rings();
    if (session.Look() != Session::Status::kBusy) return;
    if (Interrupted() && end == Clock::time_point::max()) {
      session.AskToStop();
      end = Clock::now() + std::chrono::seconds(1);
    }
    if (Clock::now() > end) return session.Kill();
    bell.Wait(rings, std::chrono::milliseconds(10));
  }
}

// What only the whole trace tells.
void Classify(const Trace& trace, Finding& finding) {
  DescribeLivelock(trace, finding);
  if (!FindLostWakeup(trace, finding)) return;
  finding.kind = "lost-wakeup";
  finding.message =
      "lost wake-up" + finding.message.substr(std::min(finding.message.size(), kDeadlock.size()));
}

}  // namespace

Cycle CycleOf(const Finding& finding) {
  if (finding.cycle_length == 0) return {};
  return {finding.cycle_begin - 1, finding.cycle_length};
}

Result<std::unique_ptr<Session>> RunOnce(const Program& program, SessionOptions options,
                                         const SessionPart& part, const Doorbell& bell) {
  options.program = program.path;
  options.argument0 = program.shown_name;
  options.config.restart_mode = RestartMode::kInPlace;
  options.cpu = sched_getcpu();
  Result<std::unique_ptr<Session>> session = Session::Start(options, bell);
  if (!session) return session;
  (*session)->Explore(part);
  WaitFor(**session, bell);
  if (!(*session)->failure().empty()) return Error{(*session)->failure()};
  return session;
}

Result<Trace> Runner::Run(const RunOrder& order) const {
  SessionOptions s;
  s.arguments = arguments_;
  s.stdin_file = stdin_file_;
  s.config = config_;
  s.config.record = true;
  s.config.cycle_begin = order.cycle.begin;
  s.config.cycle_length = order.cycle.length;
  s.schedule = order.schedule;
  const Doorbell bell;
  Result<std::unique_ptr<Session>> session =
      RunOnce(program_, s, {"replay", "", 1, order.racy}, bell);
  if (!session) return Error{session.error()};
  Result<ProgramFile> file = ProgramFile::Open(program_.path);
  if (!file) return Error{file.error()};
  const TraceReader reader(**session, *file);
  Trace trace = reader.ReadTrace();
  if (order.with_accesses) reader.ReadAccesses(trace);
  for (Finding& f : trace.findings) Classify(trace, f);
  trace.program = program_.shown_name;
  trace.sources = program_.sources;
  trace.flags = program_.flags;
  trace.arguments = arguments_;
  trace.stdin_file = stdin_file_;
  trace.hash = program_.hash;
  trace.racy = ToRacy(order.racy);
  return trace;
}

}  // namespace csim
