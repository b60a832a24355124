#include "scheduler/preemption_bounded.h"

#include "scheduler/hash.h"
#include "scheduler/state.h"

namespace csim {
void PreemptionBoundedStrategy::BeginExecution() {
  dfs_.BeginExecution();
  trace_.BeginExecution();
}

void PreemptionBoundedStrategy::Restart() {
  bound_ = 0;
  finished_ = false;
  dfs_.RestartUnder(0);
  explored_.Clear();
  trace_.BeginExecution();
}

bool PreemptionBoundedStrategy::Save(StateWriter& writer) const {
  writer.Number(bound_);
  writer.Flag(finished_);
  return dfs_.Save(writer);
}

bool PreemptionBoundedStrategy::Load(StateReader& reader) {
  bound_ = static_cast<uint32_t>(reader.Number(highest_));
  finished_ = reader.Flag();
  dfs_.RestartUnder(bound_);
  return dfs_.Load(reader);
}

// Who was running matters only if taking the turn from it costs something; and then it is as if somebody
// else had been running with one preemption less.
bool PreemptionBoundedStrategy::WasExplored(const SchedulingPoint& point) {
  const Turns& turns = dfs_.turns();
  const uint32_t left = bound_ - dfs_.preemptions();
  const uint64_t state = Hash(trace_.value(), turns.tired());
  if (!point.machine.EnabledOf(point.current).Any() || turns.yielded()) {
    return explored_.Covers(state, left + 1);
  }
  const uint64_t with_runner = Hash(state, trace_.KeyOf(point.current));
  const bool covered = explored_.Has(state, left + 1) || explored_.Covers(with_runner, left);
  if (!covered) explored_.Covers(state, left);
  return covered;
}

// Where an execution leaves the one before: passes over the choices that lead to what was explored.
// False if there is no other.
bool PreemptionBoundedStrategy::FindNew(const SchedulingPoint& point) {
  for (;;) {
    bool preempts = false;
    const Choice choice = dfs_.NextNew(point, &preempts);
    if (choice.task == kNoTask) return true;
    const uint64_t state = Hash(trace_.ValueAfter(point.machine, choice), false);
    const uint32_t left = bound_ - dfs_.preemptions() - (preempts ? 1 : 0);
    const bool explored = explored_.Has(state, left + 1) ||
                          explored_.Has(Hash(state, trace_.KeyOf(choice.task)), left);
    if (!explored) return true;
    if (!dfs_.SkipNew()) return false;
  }
}

Choice PreemptionBoundedStrategy::Choose(const SchedulingPoint& point) {
  trace_.See(point.machine);
  if (dfs_.AtNewPoint() ? WasExplored(point) : !FindNew(point)) return kRedundant;
  const Choice choice = dfs_.Choose(point);
  if (choice.task != kNoTask) trace_.Add(point.machine, choice);
  return choice;
}

bool PreemptionBoundedStrategy::FinishExecution(Outcome outcome) {
  if (dfs_.FinishExecution(outcome)) return true;
  if (!dfs_.hid_preemptions() || bound_ >= highest_) {
    finished_ = true;
    return false;
  }
  dfs_.RestartUnder(++bound_);
  return true;
}

}  // namespace csim
