#include "scheduler/sleep_sets.h"

#include <algorithm>

#include "scheduler/state.h"
#include "scheduler/tasks.h"

namespace csim {
namespace {

// True if `join` asks whether the task of `choice` has ended.
bool AsksFor(const Operation& join, Choice choice) {
  return (join.kind == OpKind::kThreadTryJoin || join.kind == OpKind::kThreadTimedJoin) &&
         join.argument == Index(choice.task);
}

}  // namespace

void SleepSetStrategy::BeginExecution() {
  sleep_.clear();
  level_ = 0;
  turns_ = {};
}

void SleepSetStrategy::Restart() {
  path_.clear();
  exhausted_ = bounded_ = broken_ = false;
  BeginExecution();
}

bool SleepSetStrategy::Save(StateWriter& writer) const {
  writer.Flag(exhausted_);
  writer.Flag(bounded_);
  writer.Flag(broken_);
  writer.Number(path_.size());
  for (const Branch& b : path_) {
    writer.Number(b.options);
    writer.Number(b.chosen);
  }
  return true;
}

bool SleepSetStrategy::Load(StateReader& reader) {
  exhausted_ = reader.Flag();
  bounded_ = reader.Flag();
  broken_ = reader.Flag();
  path_.resize(reader.Count());
  for (Branch& b : path_) {
    b.options = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
    b.chosen = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
    if (b.chosen >= b.options) return reader.Refuse();
  }
  return reader.AtEnd();
}

bool SleepSetStrategy::Sleeps(Choice choice) const {
  return std::find(sleep_.begin(), sleep_.end(), choice) != sleep_.end();
}

void SleepSetStrategy::CollectOptions(const SchedulingPoint& point) {
  const Machine& m = point.machine;
  options_.clear();
  Alternatives postponed;
  ForEachEnabled(m, Index(point.current) + (turns_.others_first() ? 1 : 0),
                 [&](TaskId task, Alternatives a) {
                   const bool local = IsLocal(m.task(task));
                   if (local && turns_.tired() && task == point.current) {
                     postponed = a;
                     return false;
                   }
                   if (local) options_.clear();
                   for (uint32_t i = 0; i < a.count; ++i) {
                     const Choice choice{task, a.first + i};
                     if (local || !Sleeps(choice)) options_.push_back(choice);
                   }
                   return local;
                 });
  if (!postponed.Any()) return;
  if (!options_.empty()) {
    bounded_ = true;
    return;
  }
  for (uint32_t i = 0; i < postponed.count; ++i) {
    options_.push_back({point.current, postponed.first + i});
  }
}

Choice SleepSetStrategy::Choose(const SchedulingPoint& point) {
  CollectOptions(point);
  if (options_.empty()) return kRedundant;
  uint32_t chosen = 0;
  const auto count = static_cast<uint32_t>(options_.size());
  if (count > 1) {
    if (level_ == path_.size()) path_.push_back({count, 0});
    if (path_[level_].options != count) {
      broken_ = true;
      return {};
    }
    chosen = path_[level_++].chosen;
  }
  const Choice choice = options_[chosen];
  UpdateSleep(point.machine, chosen, choice);
  turns_.Note(point, choice);
  return choice;
}

// The options before the chosen one are explored: they sleep, unless they depend on it.
void SleepSetStrategy::UpdateSleep(const Machine& machine, uint32_t explored, Choice choice) {
  sleep_.insert(sleep_.end(), options_.begin(), options_.begin() + explored);
  const Operation& done = machine.task(choice.task).pending;
  std::erase_if(sleep_, [&](Choice z) {
    const Operation& other = machine.task(z.task).pending;
    return z.task == choice.task || Dependent(other, done) || AsksFor(other, choice) ||
           AsksFor(done, z);
  });
}

bool SleepSetStrategy::FinishExecution(Outcome) {
  if (level_ != path_.size()) broken_ = true;
  path_.resize(std::min(level_, path_.size()));
  while (!path_.empty()) {
    if (++path_.back().chosen < path_.back().options) return true;
    path_.pop_back();
  }
  exhausted_ = true;
  return false;
}

}  // namespace csim
