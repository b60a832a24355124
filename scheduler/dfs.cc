#include "scheduler/dfs.h"

#include "scheduler/state.h"
#include "scheduler/tasks.h"

namespace csim {
namespace {

TaskId TaskOf(uint16_t number) { return TaskId{number}; }

}  // namespace

void DfsStrategy::BeginExecution() {
  segment_ = 0;
  done_ = 0;
  preemptions_ = 0;
  turns_ = {};
}

void DfsStrategy::Restart() {
  path_.clear();
  exhausted_ = bounded_ = hid_preemptions_ = broken_ = false;
  BeginExecution();
}

void DfsStrategy::RestartUnder(uint32_t preemption_bound) {
  bound_ = preemption_bound;
  Restart();
}

// ---- Saved and loaded ----

bool DfsStrategy::Save(StateWriter& writer) const {
  writer.Flag(exhausted_);
  writer.Flag(bounded_);
  writer.Flag(hid_preemptions_);
  writer.Flag(broken_);
  writer.Number(path_.size());
  for (const Segment& s : path_) {
    writer.Number(s.run);
    writer.Number(s.options);
    writer.Number(s.option);
    writer.Number(s.task);
    writer.Number(uint64_t{s.alternative} << 2 | (s.preempts ? 2 : 0) | (s.open ? 1 : 0));
  }
  return true;
}

bool DfsStrategy::Load(StateReader& reader) {
  exhausted_ = reader.Flag();
  bounded_ = reader.Flag();
  hid_preemptions_ = reader.Flag();
  broken_ = reader.Flag();
  path_.resize(reader.Count());
  for (Segment& s : path_) {
    s.run = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
    s.options = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
    s.option = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
    s.task = static_cast<uint16_t>(reader.Number(Index(kNoTask) - 1u));
    const uint64_t packed = reader.Number(uint64_t{~uint32_t{0}} << 2 | 3);
    s.alternative = static_cast<uint32_t>(packed >> 2);
    s.preempts = (packed & 2) != 0;
    s.open = (packed & 1) != 0;
    if (s.run == 0 || s.option >= s.options || (s.open && &s != &path_.back())) {
      return reader.Refuse();
    }
  }
  return reader.AtEnd();
}

// ---- The options at a point ----

void DfsStrategy::Offer(Selection& selection, TaskId task, Alternatives alternatives,
                        uint32_t option) const {
  uint32_t number = option - selection.count;
  if (number < alternatives.count) selection.choice = {task, alternatives.first + number};
  selection.count += alternatives.count;
}

DfsStrategy::Selection DfsStrategy::Select(const SchedulingPoint& point, uint32_t option) const {
  const Machine& m = point.machine;
  const bool current_enabled = m.EnabledOf(point.current).Any();
  const bool costs = current_enabled && !turns_.yielded();
  const bool current_only = costs && preemptions_ >= bound_;

  Selection selection;
  Alternatives postponed;
  ForEachEnabled(
      m, Index(point.current) + (turns_.others_first() ? 1 : 0), [&](TaskId task, Alternatives a) {
        bool is_current = task == point.current;
        if (current_only && !is_current) {
          selection.left_out = selection.hid_preemption = true;
          return false;
        }
        bool local = IsLocal(m.task(task));
        if (local && is_current && turns_.tired()) {
          postponed = a;
          return false;
        }
        // Under a bound, only if that cannot make a later switch dearer.
        bool stays_cheap = is_current && (!turns_.yielded() || IsYield(m.task(task).pending.kind));
        bool at_once = local && (bound_ == kNoBound || stays_cheap);
        if (at_once) selection = Selection{};
        Offer(selection, task, a, option);
        return at_once;
      });
  if (postponed.Any()) {
    if (selection.count != 0) {
      selection.left_out = true;
    } else {
      Offer(selection, point.current, postponed, option);
    }
  }
  selection.preempts = costs && selection.choice.task != point.current;
  return selection;
}

// ---- The path ----

Choice DfsStrategy::Choose(const SchedulingPoint& point) {
  if (segment_ == path_.size() && !Extend(point)) return {};
  Choice choice = Follow(point);
  if (choice.task != kNoTask) turns_.Note(point, choice);
  return choice;
}

// Makes the path one choice longer. False if nobody is enabled.
bool DfsStrategy::Extend(const SchedulingPoint& point) {
  Selection selection = Select(point, 0);
  if (selection.count == 0) return false;
  if (selection.left_out) bounded_ = true;
  if (selection.hid_preemption) hid_preemptions_ = true;
  if (selection.count == 1 && !path_.empty()) {
    Segment& last = path_.back();
    bool same = selection.choice == Choice{TaskOf(last.task), last.alternative};
    if (same && last.run != ~uint32_t{0}) {
      done_ = last.run++;
      segment_ = path_.size() - 1;
      return true;
    }
  }
  path_.emplace_back();
  path_.back().options = selection.count;
  Close(path_.back(), selection);
  return true;
}

void DfsStrategy::Close(Segment& segment, const Selection& selection) {
  segment.task = static_cast<uint16_t>(Index(selection.choice.task));
  segment.alternative = selection.choice.alternative;
  segment.preempts = selection.preempts;
  segment.open = false;
}

Choice DfsStrategy::Follow(const SchedulingPoint& point) {
  Segment& segment = path_[segment_];
  if (segment.open) {
    Selection selection = Select(point, segment.option);
    if (selection.count != segment.options) {
      broken_ = true;
      return {};
    }
    Close(segment, selection);
  }
  Choice choice{TaskOf(segment.task), segment.alternative};
  if (Index(choice.task) >= point.machine.task_count() ||
      !point.machine.EnabledOf(choice.task).Has(choice.alternative)) {
    broken_ = true;
    return {};
  }
  if (done_ == 0 && segment.preempts) ++preemptions_;
  if (++done_ == segment.run) {
    ++segment_;
    done_ = 0;
  }
  return choice;
}

// Drops what the execution did not come to.
void DfsStrategy::CutToCursor() {
  if (segment_ == path_.size()) return;
  broken_ = true;
  if (done_ != 0) path_[segment_++].run = done_;
  path_.resize(segment_);
}

Choice DfsStrategy::NextNew(const SchedulingPoint& point, bool* preempts) const {
  if (segment_ == path_.size() || !path_[segment_].open) return {};
  const Selection selection = Select(point, path_[segment_].option);
  *preempts = selection.preempts;
  return selection.choice;
}

bool DfsStrategy::SkipNew() {
  if (++path_[segment_].option < path_[segment_].options) return true;
  path_.pop_back();  // an open segment is the last one
  return false;
}

bool DfsStrategy::FinishExecution(Outcome) {
  CutToCursor();
  while (!path_.empty()) {
    Segment& last = path_.back();
    if (last.option + 1 < last.options) {
      ++last.option;
      last.run = 1;
      last.open = true;
      return true;
    }
    path_.pop_back();
  }
  exhausted_ = true;
  return false;
}

}  // namespace csim
