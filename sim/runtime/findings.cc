#include "sim/runtime/findings.h"

#include <algorithm>

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
  const bool strict = record->kind != FindingKind::kProcess || g_runtime.config().strict_processes;
  if (record->kind != FindingKind::kLimit && strict) ++bugs_;
}

void Findings::BeginExecution() {
  committed_ = 0;
  bugs_ = 0;
  repeated_ = 0;
}

void Findings::EndExecution(Outcome outcome, uint64_t schedule_offset, uint32_t schedule_runs) {
  const uint32_t count = g_runtime.control().finding_count;
  for (uint32_t i = count - committed_; i < count; ++i) {
    FindingRecord& record = g_runtime.mapping->findings[i];
    record.outcome = outcome;
    record.schedule_offset = schedule_offset;
    record.schedule_runs = schedule_runs;
  }
}

}  // namespace csim
