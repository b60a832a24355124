#include "sim/host/report.h"

#include <algorithm>
#include <cstddef>

#include "model/trace/trace_file.h"
#include "scheduler/state.h"
#include "sim/host/trace_reader.h"

namespace csim {

namespace {

void AddCounts(PartCounts& sum, const PartCounts& more) {
  sum.executions += more.executions;
  sum.redundant += more.redundant;
  sum.vain += more.vain;
  sum.cut += more.cut;
  sum.steps += more.steps;
  sum.limit_steps_hit += more.limit_steps_hit;
  sum.lost += more.lost;
  sum.restarts += more.restarts;
  sum.outcomes_lost += more.outcomes_lost;
  sum.nondet |= more.nondet;
  sum.state_unknown |= more.state_unknown;
}

// Those of `kept` that can be there, given what lies in the mapping.
template <typename Record>
std::pair<const Record*, uint32_t> Records(const Session& session, uint64_t offset, uint32_t count,
                                           uint32_t most) {
  count = std::min(count, most);
  const bool aligned = offset % alignof(Record) == 0;
  const void* p = aligned ? session.At(offset, uint64_t{count} * sizeof(Record)) : nullptr;
  return {static_cast<const Record*>(p), p == nullptr ? 0 : count};
}

// ---- Bytes ----

void Write(StateWriter& writer, const PartCounts& c) {
  for (const uint64_t n : {c.executions, c.redundant, c.vain, c.cut, c.steps, c.limit_steps_hit}) {
    writer.Number(n);
  }
  for (const uint32_t n : {c.lost, c.restarts, c.outcomes_lost, c.nondet, c.state_unknown}) {
    writer.Number(n);
  }
}

void Read(StateReader& reader, PartCounts* c) {
  for (uint64_t* n :
       {&c->executions, &c->redundant, &c->vain, &c->cut, &c->steps, &c->limit_steps_hit}) {
    *n = reader.Number();
  }
  for (uint32_t* n : {&c->lost, &c->restarts, &c->outcomes_lost, &c->nondet, &c->state_unknown}) {
    *n = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
  }
}

void Write(StateWriter& writer, const Recipe& recipe) {
  writer.Number(recipe.racy_count);
  writer.Number(recipe.schedule.size());
  for (const ScheduleRun& run : recipe.schedule) {
    writer.Number(run.task);
    writer.Number(run.alternative);
    writer.Number(run.count);
  }
}

void Read(StateReader& reader, Recipe* recipe) {
  recipe->racy_count = static_cast<uint32_t>(reader.Number(kMaxRacy));
  recipe->schedule.resize(reader.Count());
  for (ScheduleRun& run : recipe->schedule) {
    run.task = static_cast<uint16_t>(reader.Number(0xffff));
    run.reserved = 0;
    run.alternative = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
    run.count = reader.Number();
  }
}

// A finding goes as a trace without events.
std::string TextOf(const Finding& finding) {
  Trace trace;
  trace.findings.push_back(finding);
  return WriteTrace(trace);
}

bool FindingOf(std::string_view text, Finding* finding) {
  Trace trace;
  std::string error;
  if (!ParseTrace(std::string(text), &trace, &error) || trace.findings.size() != 1) return false;
  *finding = std::move(trace.findings[0]);
  return true;
}

}  // namespace

void Report::Add(const SeenFinding& finding, uint64_t before) {
  const auto [at, is_new] = finding_of_.try_emplace(finding.signature, findings.size());
  if (!is_new) {
    SeenFinding& known = findings[at->second];
    known.times += finding.times;
    if (!finding.is_measure || finding.measure <= known.measure) return;
    known = finding;  // a larger value
    known.execution += before;
    return;
  }
  findings.push_back(finding);
  findings.back().execution += before;
}

void Report::Add(const SeenOutcome& outcome, uint64_t before) {
  if (outcomes.size() >= kMaxOutcomes && !outcome_of_.contains(outcome.hash)) {
    ++counts.outcomes_lost;
    return;
  }
  const auto [at, is_new] = outcome_of_.try_emplace(outcome.hash, outcomes.size());
  if (!is_new) {
    outcomes[at->second].executions += outcome.executions;
    return;
  }
  outcomes.push_back(outcome);
  outcomes.back().first_execution += before;
}

void Report::Append(const Report& later, uint64_t before) {
  AddCounts(counts, later.counts);
  for (const SeenFinding& f : later.findings) Add(f, before);
  for (const SeenOutcome& o : later.outcomes) Add(o, before);
}

void Report::ForgetCounts() {
  counts = PartCounts{};
  outcomes.clear();
  outcome_of_.clear();
}

std::string Report::Save() const {
  StateWriter writer;
  Write(writer, counts);
  writer.Number(findings.size());
  for (const SeenFinding& f : findings) {
    writer.Flag(f.is_limit);
    writer.Flag(f.is_measure);
    writer.Number(f.measure);
    writer.Number(f.signature);
    writer.Number(f.execution);
    writer.Number(f.times);
    writer.Bytes(TextOf(f.finding));
    Write(writer, f.recipe);
  }
  writer.Number(outcomes.size());
  for (const SeenOutcome& o : outcomes) {
    writer.Number(o.hash);
    writer.Number(static_cast<uint32_t>(o.exit_code));
    writer.Number(static_cast<uint64_t>(o.outcome));
    writer.Number(o.executions);
    writer.Number(o.first_execution);
    writer.Bytes(o.output);
    Write(writer, o.recipe);
  }
  return std::string(writer.Seal());
}

bool Report::Load(std::string_view bytes) {
  *this = Report();
  StateReader reader(bytes);
  PartCounts saved;
  Read(reader, &saved);
  for (size_t left = reader.Count(); left > 0 && reader.ok(); --left) {
    SeenFinding f;
    f.is_limit = reader.Flag();
    f.is_measure = reader.Flag();
    f.measure = reader.Number();
    f.signature = reader.Number();
    f.execution = reader.Number();
    f.times = reader.Number();
    if (!FindingOf(reader.Bytes(), &f.finding)) return false;
    Read(reader, &f.recipe);
    Add(f, 0);
  }
  for (size_t left = reader.Count(); left > 0 && reader.ok(); --left) {
    SeenOutcome o;
    o.hash = reader.Number();
    o.exit_code = static_cast<int>(static_cast<uint32_t>(reader.Number(~uint32_t{0})));
    o.outcome = static_cast<Outcome>(reader.Number(0xff));
    o.executions = reader.Number();
    o.first_execution = reader.Number();
    o.output = reader.Bytes();
    Read(reader, &o.recipe);
    Add(o, 0);
  }
  counts = saved;
  return reader.AtEnd();
}

KeptPart LiveOf(const Mapping& m) {
  const Control& c = m.control;
  KeptPart live{};
  live.counts = {c.executions,    c.redundant,       c.vain,         c.cut,
                 c.steps,         c.limit_steps_hit, c.lost,         c.restarts,
                 c.outcomes_lost, c.nondet,          c.state_unknown};
  live.finding_count = c.finding_count;
  live.outcome_count = c.outcome_count;
  live.findings_offset = offsetof(Mapping, findings);
  live.outcomes_offset = offsetof(Mapping, outcomes);
  return live;
}

Report ReadReport(const Session& session, const ProgramFile& program, const KeptPart& kept) {
  Report whole;
  Report part;
  part.counts = kept.counts;
  const TraceReader reader(session, program);
  const auto [findings, finding_count] =
      Records<FindingRecord>(session, kept.findings_offset, kept.finding_count, kMaxFindings);
  for (uint32_t i = 0; i < finding_count; ++i) {
    const FindingRecord& r = findings[i];
    part.findings.push_back(
        {r.kind == FindingKind::kLimit,
         r.is_measure != 0,
         r.measure,
         r.signature,
         r.execution,
         r.times,
         reader.ReadFinding(r),
         {session.ScheduleAt(r.schedule_offset, r.schedule_runs), r.racy_count}});
  }
  const auto [outcomes, outcome_count] =
      Records<OutcomeRecord>(session, kept.outcomes_offset, kept.outcome_count, kMaxOutcomes);
  for (uint32_t i = 0; i < outcome_count; ++i) {
    const OutcomeRecord& r = outcomes[i];
    SeenOutcome o{r.hash,
                  r.exit_code,
                  r.outcome,
                  r.executions,
                  r.first_execution,
                  "",
                  {session.ScheduleAt(r.schedule_offset, r.schedule_runs), r.racy_count}};
    if (const void* text = session.At(r.output_offset, r.output_size)) {
      o.output.assign(static_cast<const char*>(text), r.output_size);
    }
    part.outcomes.push_back(std::move(o));
  }
  whole.Append(part, 0);
  return whole;
}

std::string ReadState(const Session& session, const KeptPart& kept) {
  const void* p = session.At(kept.state_offset, kept.state_size);
  return p == nullptr ? "" : std::string(static_cast<const char*>(p), kept.state_size);
}

}  // namespace csim
