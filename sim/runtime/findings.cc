#include "sim/runtime/findings.h"

#include <algorithm>
#include <cstring>

#include "sim/runtime/engine.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

uint64_t SignatureOf(const FindingRecord& r, uint64_t extra) {
  uint64_t a = Mix(r.sides[0].site, static_cast<uint64_t>(r.sides[0].is_write));
  uint64_t b = Mix(r.sides[1].site, static_cast<uint64_t>(r.sides[1].is_write));
  if (a > b) std::swap(a, b);
  uint64_t hash = Mix(static_cast<uint64_t>(r.kind) + 1, a);
  hash = Mix(Mix(hash, b), extra);
  return Mix(hash, r.misuse);
}

bool IsBug(const FindingRecord& record) {
  const Config& config = g_runtime.config();
  if (record.is_measure || record.kind == FindingKind::kLimit) return false;
  if (record.kind == FindingKind::kProcess && !config.strict_processes) return false;
  return (config.ignored >> static_cast<unsigned>(record.kind) & 1) == 0;
}

uint64_t NameOfMeasure(FindingKind kind, const char* what, ObjectId object) {
  uint64_t hash = Mix(static_cast<uint64_t>(kind) + 1, ~uint64_t{0});
  if (object != kNoObject) hash = Mix(hash, g_runtime.machine().object(object).name);
  for (const char* c = what; *c != 0; ++c) hash = Mix(hash, static_cast<unsigned char>(*c));
  return hash;
}

}  // namespace

FindingRecord* Findings::Begin(FindingKind kind) {
  Control& control = g_runtime.control();
  if (control.finding_count >= kMaxFindings - 1) return nullptr;
  FindingRecord* record = &g_runtime.mapping->findings[control.finding_count];
  Fill(kind, record);
  return record;
}

void Findings::Fill(FindingKind kind, FindingRecord* record) {
  *record = FindingRecord{};
  record->kind = kind;
  record->execution = g_runtime.control().executions + 1;
  record->step = g_runtime.execution().step;
  record->racy_count = g_runtime.execution().racy_active;
  record->object = Index(kNoObject);
  record->free_task = 0xffff;
  record->request = kNoRequest;
  SideRecord& here = record->sides[0];
  here.task = static_cast<uint16_t>(g_runtime.current());
  here.site = Index(g_runtime.CallSite());
  here.stack = Index(g_runtime.StackWithLocks());
}

void Findings::Commit(FindingRecord* record, uint64_t extra) {
  if (record == nullptr) return;
  Control& control = g_runtime.control();
  record->signature = SignatureOf(*record, extra);
  for (uint32_t i = 0; i < control.finding_count; ++i) {
    if (g_runtime.mapping->findings[i].signature != record->signature) continue;
    const bool new_here = i + committed_ >= control.finding_count;
    if (new_here || std::find(repeats_, repeats_ + repeated_, i) != repeats_ + repeated_) return;
    if (repeated_ < kMaxPerExecution) repeats_[repeated_++] = i;
    ++g_runtime.mapping->findings[i].times;
    return;
  }
  record->times = 1;
  ++control.finding_count;
  ++committed_;
  if (IsBug(*record)) ++bugs_;
}

FindingRecord* Findings::Measure(FindingKind kind, const char* what, uint64_t value,
                                 ObjectId object) {
  Control& control = g_runtime.control();
  FindingRecord* all = g_runtime.mapping->findings;
  const uint64_t name = NameOfMeasure(kind, what, object);
  uint32_t at = 0;
  while (at < control.finding_count && all[at].signature != name) ++at;
  if (at >= kMaxFindings - 1) return nullptr;
  const bool is_new = at == control.finding_count;
  if (!is_new && value <= all[at].measure) return nullptr;
  if (is_new) {
    ++control.finding_count;
    ++committed_;
  } else if (at + committed_ < control.finding_count) {
    const uint32_t* const end = raised_ + raised_count_;
    const bool known = std::find(raised_, raised_ + raised_count_, at) != end;
    if (!known && raised_count_ == kMaxPerExecution) return nullptr;
    if (!known) raised_[raised_count_++] = at;
  }
  Fill(kind, &all[at]);
  all[at].is_measure = 1;
  all[at].measure = value;
  all[at].signature = name;
  all[at].times = 1;
  all[at].object = Index(object);
  strncpy(all[at].text, what, sizeof(all[at].text) - 1);
  return &all[at];
}

void Findings::BeginExecution() {
  committed_ = 0;
  bugs_ = 0;
  repeated_ = 0;
  raised_count_ = 0;
}

void Findings::ForgetRepetitions() {
  for (uint32_t i = 0; i < repeated_; ++i) --g_runtime.mapping->findings[repeats_[i]].times;
}

void Findings::EndExecution(Outcome outcome, uint64_t schedule_offset, uint32_t schedule_runs) {
  const uint32_t count = g_runtime.control().finding_count;
  const auto give = [&](uint32_t i) {
    FindingRecord& record = g_runtime.mapping->findings[i];
    record.outcome = outcome;
    if (record.request != kNoRequest && KeepScheduleInOrder(&record)) return;
    record.schedule_offset = schedule_offset;
    record.schedule_runs = schedule_runs;
  };
  for (uint32_t i = count - committed_; i < count; ++i) give(i);
  for (uint32_t i = 0; i < raised_count_; ++i) give(raised_[i]);
}

}  // namespace csim
