#include "sim/runtime/parts.h"

#include <cstring>
#include <new>

#include "scheduler/state.h"
#include "sim/runtime/engine.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

char* At(uint64_t offset) { return reinterpret_cast<char*>(g_runtime.mapping) + offset; }

uint64_t OffsetOf(const void* p) {
  return static_cast<uint64_t>(static_cast<const char*>(p) - At(0));
}

// ---- Beginning ----

// Gives back at once what belonged to the last part.
void ClearPartMemory() {
  Arena* memory = g_runtime.shared->part_memory;
  auto* const on_full = memory->on_full;
  char* const begin = At(kPartOffset);
  new (memory) Arena(begin + 4096, kInputOffset - kPartOffset - 4096);
  memory->on_full = on_full;
}

// The list of the last part may have been this one's beginning, or another one altogether.
void TakeRacyLocations(const PartOrder& part) {
  Mapping* mapping = g_runtime.mapping;
  Control& control = g_runtime.control();
  const void* list = At(part.racy_offset);
  const size_t size = part.racy_count * sizeof(LocationKey);
  const bool same = control.racy_count == part.racy_count && memcmp(mapping->racy, list, size) == 0;
  if (!same) {
    memcpy(mapping->racy, list, size);
    control.racy_count = part.racy_count;
    g_runtime.racy.Forget();
  }
  g_runtime.shared->racy_active = part.racy_count;
}

Schedule ScheduleToReplay(const Config& config) {
  Schedule schedule(g_runtime.shared->memory);
  const auto* runs = reinterpret_cast<const ScheduleRun*>(At(config.schedule_offset));
  for (uint32_t i = 0; i < config.schedule_runs; ++i) {
    for (uint64_t n = 0; n < runs[i].count; ++n) {
      schedule.Append({TaskId{runs[i].task}, runs[i].alternative});
    }
  }
  return schedule;
}

void TakeStrategy(const PartOrder& part) {
  const Config& config = g_runtime.config();
  const Schedule schedule = ScheduleToReplay(config);
  StrategyOptions options;
  options.name = part.strategy;
  options.seed = config.seed;
  options.executions = part.executions;
  if (config.preemptions != ~0u) options.preemptions = config.preemptions;
  if (config.depth != 0) options.depth = config.depth;
  options.schedule = &schedule;
  const char* error = nullptr;
  StrategyPtr& strategy = g_runtime.shared->strategy;
  strategy.reset();
  strategy = MakeStrategy(options, g_runtime.shared->memory, &error);
  if (strategy == nullptr) FailExploration(error);
  if (part.state_size == 0) return;
  StateReader reader({At(part.state_offset), part.state_size});
  if (!strategy->Load(reader)) FailExploration("the state of the search is damaged");
}

// ---- Keeping ----

// Memory for a copy; what was there is not needed any more.
char* CopyMemory(size_t size) {
  Shared& shared = *g_runtime.shared;
  if (size > shared.kept_capacity) {
    if (shared.kept_copy != nullptr)
      shared.memory->deallocate(shared.kept_copy, shared.kept_capacity, 16);
    shared.kept_capacity = size * 2;
    shared.kept_copy = static_cast<char*>(shared.memory->allocate(shared.kept_capacity, 16));
  }
  return shared.kept_copy;
}

PartCounts CountsOf(const Control& c) {
  return {c.executions, c.redundant, c.vain,          c.cut,    c.steps,        c.limit_steps_hit,
          c.lost,       c.restarts,  c.outcomes_lost, c.nondet, c.state_unknown};
}

// The records are copied if the part goes on: it will change them.
void Keep(bool goes_on) {
  Mapping* m = g_runtime.mapping;
  Control& c = m->control;
  StateWriter writer(g_runtime.shared->memory);
  std::string_view state;
  if (g_runtime.shared->strategy->Save(writer)) state = writer.Seal();
  const size_t findings = goes_on ? c.finding_count * sizeof(FindingRecord) : 0;
  const size_t outcomes = goes_on ? c.outcome_count * sizeof(OutcomeRecord) : 0;
  char* const copy = CopyMemory(findings + outcomes + state.size() + 1);
  memcpy(copy, m->findings, findings);
  memcpy(copy + findings, m->outcomes, outcomes);
  memcpy(copy + findings + outcomes, state.data(), state.size());
  c.kept.counts = CountsOf(c);
  c.kept.finding_count = c.finding_count;
  c.kept.outcome_count = c.outcome_count;
  c.kept.findings_offset = OffsetOf(goes_on ? copy : static_cast<void*>(m->findings));
  c.kept.outcomes_offset = OffsetOf(goes_on ? copy + findings : static_cast<void*>(m->outcomes));
  c.kept.state_offset = OffsetOf(copy + findings + outcomes);
  c.kept.state_size = state.size();
}

}  // namespace

void RingDoorbell() {
  if (g_runtime.doorbell == nullptr) return;
  g_runtime.doorbell->fetch_add(1);
  FutexWake(g_runtime.doorbell, 1);
}

void AwaitPart() {
  Shared& shared = *g_runtime.shared;
  if (shared.part_open) return;
  Control& control = g_runtime.control();
  while (control.part_wanted.load() == control.part_done.load()) {
    FutexWait(&control.part_wanted, control.part_done.load());
  }
  if (g_runtime.mapping->part.strategy[0] == 0) {
    DismissSpares();
    ExitProcess(kWorkerDone);
  }
  ClearPartMemory();
  TakeRacyLocations(g_runtime.mapping->part);
  TakeStrategy(g_runtime.mapping->part);
  shared.part = control.part_wanted.load();
  shared.part_open = true;
}

void KeepPartIfWanted() {
  Control& control = g_runtime.control();
  const uint32_t wanted = control.keep_wanted.load();
  if (wanted == control.keep_done.load()) return;
  Keep(true);
  control.keep_done = wanted;
  RingDoorbell();
}

void EndPart(PartEnd end, bool finished) {
  Shared& shared = *g_runtime.shared;
  Control& control = g_runtime.control();
  control.part_end = end;
  control.finished = finished;
  control.complete = shared.strategy->complete();
  control.bounded = shared.strategy->bounded();
  Keep(false);
  shared.part_open = false;
  control.part_done = shared.part;
  RingDoorbell();
}

}  // namespace csim
