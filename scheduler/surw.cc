#include "scheduler/surw.h"

#include <algorithm>

#include "scheduler/tasks.h"

namespace csim {

void SurwStrategy::BeginExecution() {
  generator_ = NextGenerator();
  counts_.clear();
  weights_.clear();
  next_ = kNoTask;
  SelectObject();
}

bool SurwStrategy::IsSelected(const Operation& operation) const {
  return selected_ != kNoObject && operation.object == selected_;
}

// One of the objects that at least two tasks have worked on.
void SurwStrategy::SelectObject() {
  selected_ = kNoObject;
  uint32_t seen = 0;
  for (size_t i = 0; i < learnt_.size(); ++i) {
    const ObjectId object = learnt_[i].object;
    const auto same = [&](const Count& c) { return c.object == object; };
    const auto begin = learnt_.begin();
    if (std::any_of(begin, begin + static_cast<ptrdiff_t>(i), same)) continue;
    if (std::count_if(begin, learnt_.end(), same) < 2) continue;
    if (generator_.Below(++seen) == 0) selected_ = object;
  }
}

// Tasks that appear get the weight that a task of their number had. Before they appear, their parent
// carries it: whoever runs them later has to run the parent first.
void SurwStrategy::LearnWeights(const Machine& machine) {
  while (weights_.size() < machine.task_count()) {
    const TaskId task{static_cast<uint16_t>(weights_.size())};
    uint32_t weight = 0;
    for (const Count& c : learnt_) {
      if (c.task == task && c.object == selected_) weight = c.operations;
    }
    weights_.push_back(weight);
  }
}

// One of the enabled tasks, each as likely as it has selected operations before it.
TaskId SurwStrategy::DrawNext(const Machine& machine) {
  // What was learnt may be too little for this execution: a pending operation counts in any case.
  const auto weight = [&](TaskId task) {
    return std::max(weights_[Index(task)], IsSelected(machine.task(task).pending) ? 1u : 0u);
  };
  uint32_t total = 0;
  for (const auto& [task, alternatives] : enabled_) total += weight(task);
  if (total == 0) return kNoTask;
  uint32_t at = generator_.Below(total);
  for (const auto& [task, alternatives] : enabled_) {
    if (at < weight(task)) return task;
    at -= weight(task);
  }
  return kNoTask;
}

Choice SurwStrategy::Choose(const SchedulingPoint& point) {
  const Machine& machine = point.machine;
  LearnWeights(machine);
  enabled_.clear();
  bool next_enabled = false;
  ForEachEnabled(machine, 0, [&](TaskId task, Alternatives a) {
    enabled_.push_back({task, a});
    next_enabled |= task == next_;
    return false;
  });
  if (enabled_.empty()) return {};
  if (!next_enabled) next_ = DrawNext(machine);
  // Selected operations of the others wait for the next one's, unless there is nothing else to do.
  const auto waits = [&](const auto& e) {
    return e.first != next_ && IsSelected(machine.task(e.first).pending);
  };
  if (!std::all_of(enabled_.begin(), enabled_.end(), waits)) std::erase_if(enabled_, waits);
  const auto [task, alternatives] =
      enabled_[generator_.Below(static_cast<uint32_t>(enabled_.size()))];
  Note(machine, task);
  return {task, alternatives.first + generator_.Below(alternatives.count)};
}

// `task` is about to do its pending operation.
void SurwStrategy::Note(const Machine& machine, TaskId task) {
  const Operation& operation = machine.task(task).pending;
  if (IsSelected(operation)) {
    if (weights_[Index(task)] > 0) --weights_[Index(task)];
    next_ = kNoTask;
  }
  if (operation.object == kNoObject) return;
  for (Count& c : counts_) {
    if (c.task != task || c.object != operation.object) continue;
    ++c.operations;
    return;
  }
  counts_.push_back({task, operation.object, 1});
}

void SurwStrategy::Learn(Outcome outcome) {
  if (outcome == Outcome::kCompleted || learnt_.empty()) learnt_ = counts_;
}

void SurwStrategy::SaveLessons(StateWriter& writer) const {
  writer.Number(learnt_.size());
  for (const Count& c : learnt_) {
    writer.Number(Index(c.task));
    writer.Number(Index(c.object));
    writer.Number(c.operations);
  }
}

bool SurwStrategy::LoadLessons(StateReader& reader) {
  learnt_.resize(reader.Count());
  for (Count& c : learnt_) {
    c.task = TaskId{static_cast<uint16_t>(reader.Number(0xffff))};
    c.object = ObjectId{static_cast<uint32_t>(reader.Number(~uint32_t{0}))};
    c.operations = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
  }
  return reader.ok();
}

}  // namespace csim
