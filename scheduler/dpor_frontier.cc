#include "scheduler/dpor_frontier.h"

#include <algorithm>
#include <utility>

#include "model/check.h"
#include "scheduler/state.h"

namespace csim {

using dpor::Branch;
using dpor::Point;
using dpor::Step;
using dpor::Subtree;
using dpor::WakeupTrees;

namespace {

// The first own point with branches; the number of points if there is none.
uint32_t FirstBranching(const Subtree& subtree) {
  uint32_t depth = subtree.root;
  while (depth < subtree.points.size() && subtree.points[depth].branches.empty()) ++depth;
  return depth;
}

size_t BranchesOf(const Point& point) {
  return static_cast<size_t>(std::count_if(point.branches.begin(), point.branches.end(),
                                           [](const Branch& branch) { return branch.depth == 0; }));
}

// Whether it can be explored by two: whether there is more than one branch.
bool CanBeCut(const Subtree& subtree) {
  const uint32_t depth = FirstBranching(subtree);
  if (depth + 1 < subtree.points.size()) return true;
  if (depth == subtree.points.size()) return false;
  return BranchesOf(subtree.points[depth]) > 1;
}

}  // namespace

DporFrontier::DporFrontier(const Sizes& sizes)
    : sizes_(sizes),
      memory_(std::pmr::new_delete_resource()),
      names_(memory_),
      trees_(memory_),
      executions_(sizes.first) {}

void DporFrontier::Restart() {
  trees_.Clear();
  nodes_.clear();
  units_.clear();
  results_.clear();
  returned_ = 0;
  executions_ = sizes_.first;
  run_ = 0;
  estimates_.clear();
  started_ = false;
  complete_ = true;
  bounded_ = false;
}

std::vector<Part> DporFrontier::NextRound() {
  std::vector<Part> parts;
  if (!started_) {
    parts.push_back({"dpor", "", executions_});
  }
  for (Unit& unit : units_) {
    Refresh(unit);
    StateWriter writer;
    writer.Flag(true);  // begun
    Write(writer, unit.subtree, names_.tasks(), names_.objects());
    for (int flag = 0; flag < 3; ++flag) writer.Flag(false);
    parts.push_back({"dpor", std::string(writer.Seal()), executions_});
  }
  results_.resize(parts.size());
  return parts;
}

void DporFrontier::Return(size_t part, PartResult result) {
  results_[part] = std::move(result);
  if (++returned_ == results_.size()) EndRound();
}

void DporFrontier::EndRound() {
  if (!started_) {
    units_.push_back({kNone, Subtree(memory_)});
    started_ = true;
  }
  for (size_t i = 0; i < units_.size(); ++i) {
    const PartResult& result = results_[i];
    run_ += result.executions;
    bounded_ |= result.bounded;
    StateReader reader(result.state);
    const bool begun = reader.Flag();
    const bool sound = begun && Read(reader, &units_[i].subtree, names_, memory_);
    if (!sound) {  // nothing to go on with: a part that has run nothing, or a damaged state
      complete_ = false;
      units_[i].subtree.finished = true;
      units_[i].subtree.points.clear();
    }
    complete_ &= !units_[i].subtree.finished || result.complete;
    TakeBack(units_[i]);
  }
  for (const Unit& unit : units_) {
    if (unit.subtree.finished) LetGo(unit.node);
  }
  std::erase_if(units_, [](const Unit& unit) { return unit.subtree.finished; });
  results_.clear();
  returned_ = 0;
  Estimate();
  executions_ = std::min(executions_ * 2, sizes_.most);
  Fill();
}

// ---- How much there is ----

namespace {

// The steps asleep at a point because they were taken from it: all but those that were asleep before.
size_t TakenFrom(const Point* before, const Point& point) {
  size_t inherited = 0;
  if (before != nullptr) {
    for (const Step& sleeper : before->sleep) {
      const bool stays = sleeper.task != before->step.task && !Dependent(sleeper, before->step);
      inherited += stays ? 1 : 0;
    }
  }
  return point.sleep.size() - std::min(inherited, point.sleep.size());
}

}  // namespace

// Which part of its subtree a unit has explored.
double DporFrontier::ExploredOf(const Unit& unit) const {
  const auto& points = unit.subtree.points;
  double explored = 0;
  double rest = 1;  // of the subtree, below the present point
  for (size_t i = unit.subtree.root; i < points.size(); ++i) {
    const bool last = i + 1 == points.size();
    const auto taken = static_cast<double>(TakenFrom(i == 0 ? nullptr : &points[i - 1], points[i]));
    const double all = taken + static_cast<double>(BranchesOf(points[i])) + (last ? 0 : 1);
    if (all == 0) continue;
    explored += rest * taken / all;
    rest /= all;
  }
  return explored;
}

uint32_t DporFrontier::PendingAt(const Node& node) const { return trees_.Count(node.branches); }

// Which part of the whole each branch of a shared point is.
double DporFrontier::ShareOf(uint32_t at) const {
  double share = 1;
  for (; at != kNone; at = nodes_[at].parent) {
    share /= std::max(nodes_[at].own + PendingAt(nodes_[at]), 1u);
  }
  return share;
}

void DporFrontier::Estimate() {
  constexpr size_t kRounds = 8;
  double rest = 0;
  for (const Unit& unit : units_) rest += ShareOf(unit.node) * (1 - ExploredOf(unit));
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].used) rest += ShareOf(i) * PendingAt(nodes_[i]);
  }
  const double explored = 1 - std::min(rest, 1.0);
  if (explored <= 0) return;
  if (estimates_.size() == kRounds) estimates_.erase(estimates_.begin());
  estimates_.push_back(static_cast<double>(run_) / explored);
}

std::optional<TotalEstimate> DporFrontier::estimate() const {
  if (estimates_.size() < 2) return {};
  const auto [low, high] = std::minmax_element(estimates_.begin(), estimates_.end());
  return TotalEstimate{estimates_.back(), *high - *low};
}

// ---- What parts bring back, and new parts ----

// What a part has found for the points above its root goes there, unless a step taken there covers it.
void DporFrontier::TakeBack(Unit& unit) {
  for (dpor::Sequence& sequence : unit.subtree.found_above) {
    uint32_t at = unit.node;
    while (at != kNone && nodes_[at].depth != sequence.depth) at = nodes_[at].parent;
    if (at == kNone) continue;
    Node& node = nodes_[at];
    const bool covered = std::any_of(node.sleep.begin(), node.sleep.end(), [&](const Step& step) {
      return CoveredBy(step, sequence.steps);
    });
    if (!covered) trees_.Insert(&node.branches, &sequence.steps);
  }
  unit.subtree.found_above.clear();
}

// The points above the unit's root as they are now: the steps taken, and the branches that wait.
void DporFrontier::Refresh(Unit& unit) const {
  for (uint32_t at = unit.node; at != kNone; at = nodes_[at].parent) {
    const Node& node = nodes_[at];
    Point& point = unit.subtree.points[node.depth];
    if (node.depth + 1 == unit.subtree.points.size()) continue;  // its branch is still to be taken
    point.sleep = node.sleep;
    point.branches.clear();
    trees_.List(node.branches, &point.branches);
  }
}

uint32_t DporFrontier::DeepestPending() const {
  uint32_t found = kNone;
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].used || nodes_[i].branches == WakeupTrees::kEmpty) continue;
    if (found == kNone || nodes_[i].depth > nodes_[found].depth) found = i;
  }
  return found;
}

void DporFrontier::Fill() {
  while (units_.size() < sizes_.parts && (TakeBranch() || Cut())) {
  }
}

// A new unit from a branch that nobody explores. False if there is none.
bool DporFrontier::TakeBranch() {
  const uint32_t at = DeepestPending();
  if (at == kNone) return false;
  Unit unit{at, Subtree(memory_)};
  unit.subtree.root = nodes_[at].depth + 1;
  for (uint32_t i = 0; i < unit.subtree.root; ++i) unit.subtree.points.emplace_back(memory_);
  for (uint32_t node = at; node != kNone; node = nodes_[node].parent) {
    Point& point = unit.subtree.points[nodes_[node].depth];
    point.sleep = nodes_[node].sleep;
    if (nodes_[node].depth > 0) {
      unit.subtree.points[nodes_[node].depth - 1].step = nodes_[node].step;
    }
  }
  Node& node = nodes_[at];
  WakeupTrees::Tree below = WakeupTrees::kEmpty;
  const Step step = trees_.PopFirst(&node.branches, &below);
  auto& branches = unit.subtree.points.back().branches;
  branches.push_back({step, 0});
  trees_.List(below, &branches, 1);
  trees_.Drop(&below);
  PutToSleep(node, step);
  ++node.below;
  units_.push_back(std::move(unit));
  return true;
}

// Cuts a unit in two or more. False if none can be cut.
bool DporFrontier::Cut() {
  size_t found = units_.size();
  for (size_t i = 0; i < units_.size(); ++i) {
    if (!CanBeCut(units_[i].subtree)) continue;
    const bool shallower = found == units_.size() || FirstBranching(units_[i].subtree) <
                                                         FirstBranching(units_[found].subtree);
    if (shallower) found = i;
  }
  if (found == units_.size()) return false;
  CutAt(found, FirstBranching(units_[found].subtree));
  return true;
}

// The unit's own points up to `depth` become shared.
void DporFrontier::CutAt(size_t number, uint32_t depth) {
  Unit& unit = units_[number];
  uint32_t node = unit.node;
  if (node != kNone) --nodes_[node].below;
  for (uint32_t i = unit.subtree.root; i <= depth; ++i) {
    node = NewNode(node, i == 0 ? Step{} : unit.subtree.points[i - 1].step);
    nodes_[node].sleep = unit.subtree.points[i].sleep;
    nodes_[node].own = static_cast<uint32_t>(
        TakenFrom(i == 0 ? nullptr : &unit.subtree.points[i - 1], unit.subtree.points[i]));
    if (i < depth) PutToSleep(nodes_[node], unit.subtree.points[i].step);
  }
  Point& point = unit.subtree.points[depth];
  trees_.Plant(&nodes_[node].branches, point.branches);
  point.branches.clear();
  if (depth + 1 == unit.subtree.points.size()) {  // nothing is left for the unit itself
    units_.erase(units_.begin() + static_cast<ptrdiff_t>(number));
    return;
  }
  PutToSleep(nodes_[node], point.step);
  nodes_[node].below = 1;
  unit.node = node;
  unit.subtree.root = depth + 1;
}

// The step was taken from the node by somebody.
void DporFrontier::PutToSleep(Node& node, const Step& step) {
  node.sleep.push_back(step);
  node.sleep.back().weak = true;
  ++node.own;
}

uint32_t DporFrontier::NewNode(uint32_t parent, const Step& step) {
  uint32_t at = 0;
  while (at < nodes_.size() && nodes_[at].used) ++at;
  if (at == nodes_.size()) nodes_.emplace_back(memory_);
  Node& node = nodes_[at];
  node.used = true;
  node.parent = parent;
  node.depth = parent == kNone ? 0 : nodes_[parent].depth + 1;
  node.below = 0;
  node.step = step;
  node.sleep.clear();
  if (parent != kNone) ++nodes_[parent].below;
  return at;
}

// One thing less hangs from the node.
void DporFrontier::LetGo(uint32_t node) {
  for (; node != kNone; node = nodes_[node].parent) {
    if (--nodes_[node].below != 0 || nodes_[node].branches != WakeupTrees::kEmpty) return;
    nodes_[node].used = false;
  }
}

// ---- As bytes ----

std::string DporFrontier::Save() const {
  StateWriter writer;
  writer.Flag(started_);
  writer.Flag(complete_);
  writer.Flag(bounded_);
  writer.Number(executions_);
  writer.Number(run_);
  Subtree shared(memory_);
  shared.finished = true;
  for (const Node& node : nodes_) {
    Point& point = shared.points.emplace_back(memory_);
    point.step = node.step;
    point.sleep = node.sleep;
    trees_.List(node.branches, &point.branches);
  }
  Write(writer, shared, names_.tasks(), names_.objects());
  for (const Node& node : nodes_) {
    writer.Flag(node.used);
    writer.Number(node.parent);
    writer.Number(node.depth);
    writer.Number(node.below);
    writer.Number(node.own);
  }
  writer.Number(units_.size());
  for (const Unit& unit : units_) {
    writer.Number(unit.node);
    Write(writer, unit.subtree, names_.tasks(), names_.objects());
  }
  return std::string(writer.Seal());
}

bool DporFrontier::Load(std::string_view state) {
  Restart();
  StateReader reader(state);
  started_ = reader.Flag();
  complete_ = reader.Flag();
  bounded_ = reader.Flag();
  executions_ = reader.Number();
  run_ = reader.Number();
  Subtree shared(memory_);
  Read(reader, &shared, names_, memory_);
  const auto nodes = static_cast<uint32_t>(shared.points.size());
  for (Point& point : shared.points) {
    Node& node = nodes_.emplace_back(memory_);
    node.used = reader.Flag();
    node.parent = static_cast<uint32_t>(reader.Number(kNone));
    node.depth = static_cast<uint32_t>(reader.Number(kNone));
    node.below = static_cast<uint32_t>(reader.Number(kNone));
    node.own = static_cast<uint32_t>(reader.Number(kNone));
    node.step = point.step;
    node.sleep = point.sleep;
    if (node.parent != kNone && node.parent >= nodes) reader.Refuse();
    trees_.Plant(&node.branches, point.branches);
  }
  for (const Node& node : nodes_) {
    const uint32_t depth = node.parent == kNone ? 0 : nodes_[node.parent].depth + 1;
    if (node.used && (node.depth != depth || (node.parent != kNone && !nodes_[node.parent].used))) {
      reader.Refuse();
    }
  }
  for (size_t n = reader.Count(); n > 0 && reader.ok(); --n) {
    Unit unit{static_cast<uint32_t>(reader.Number(kNone)), Subtree(memory_)};
    if (!Read(reader, &unit.subtree, names_, memory_)) break;
    const bool rooted = unit.node == kNone ? unit.subtree.root == 0
                                           : unit.node < nodes && nodes_[unit.node].used &&
                                                 nodes_[unit.node].depth + 1 == unit.subtree.root;
    if (!rooted || unit.subtree.finished) reader.Refuse();
    units_.push_back(std::move(unit));
  }
  if (reader.AtEnd()) return true;
  Restart();
  return false;
}

}  // namespace csim
