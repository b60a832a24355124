#include "sim/runtime/cycle_watch.h"

#include <algorithm>

#include "scheduler/hash.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/runtime.h"

namespace csim {

void CycleWatch::BeginExecution(Cycle cycle) {
  cycle_ = cycle;
  last_ = {};
  inside_ = false;
  places_ = 0;
  could_.clear();
  did_.clear();
}

void CycleWatch::AtPoint(const Machine& machine, uint64_t step, const StateSource& source) {
  if (step < cycle_.begin || (step - cycle_.begin) % cycle_.length != 0) return;
  const StateHash now = source.State();
  if (inside_ && now == last_ && NobodyPassedOver()) {
    Report(step - cycle_.length);
    EndExecution(Outcome::kLivelock, 0);
  }
  inside_ = true;
  last_ = now;
  places_ = 0;
  could_.assign(machine.task_count(), 0);
  did_.assign(machine.task_count(), 0);
}

void CycleWatch::Chosen(const Machine& machine, const Choice& choice) {
  if (!inside_) return;
  could_.resize(machine.task_count(), 0);
  did_.resize(machine.task_count(), 0);
  for (const TaskId task : machine.live_tasks()) {
    if (machine.EnabledOf(task).Any()) could_[Index(task)] = 1;
  }
  did_[Index(choice.task)] = 1;
  const Operation& operation = machine.task(choice.task).pending;
  places_ += Hash(Index(operation.site), static_cast<uint64_t>(operation.kind));
}

bool CycleWatch::NobodyPassedOver() const { return could_ == did_; }

void CycleWatch::Report(uint64_t begin) const {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kLivelock);
  if (record == nullptr) return;
  record->cycle_begin = begin;
  record->cycle_length = cycle_.length;
  // What stands at the place where it was noticed says nothing: the places of all count.
  record->sides[0] = SideRecord{};
  g_runtime.shared->findings.Commit(record, places_);
}

}  // namespace csim
