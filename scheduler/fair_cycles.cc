#include "scheduler/fair_cycles.h"

#include <algorithm>

#include "scheduler/hash.h"
#include "scheduler/tasks.h"

namespace csim {
namespace {

// Nobody can count on it: fairness does not ask for it.
bool IsSpurious(const Operation& pending, uint32_t alternative) {
  const bool waits = pending.kind == OpKind::kCondBlocked || pending.kind == OpKind::kFutexBlocked;
  return waits && alternative == kSpurious;
}

uint64_t DrawOf(TaskId task, const Operation& pending, uint32_t alternative) {
  if (pending.kind != OpKind::kChoose) return StateGraph::kNoDemand;
  const uint64_t key = Hash(Hash(Index(task), Index(pending.site)), alternative);
  return key | uint64_t{1} << 63;  // never equal to a task's
}

bool IsOpen(const Machine& machine, Choice choice) {
  return Index(choice.task) < machine.task_count() &&
         machine.EnabledOf(choice.task).Has(choice.alternative);
}

}  // namespace

void FairCyclesStrategy::BeginExecution() {
  plan_.clear();
  planned_ = 0;
  shown_ = 0;
  new_states_ = 0;
  gave_up_ = false;
  taken_ = {};
  target_ = at_ = kNoNode;
  if (showing_ || graph_.size() == 0) return;
  at_ = 0;
  if (!DropExplored()) return;
  target_ = unexplored_.front();
  unexplored_.pop_front();
  PlanFromStart(target_);
}

Cycle FairCyclesStrategy::cycle() const {
  if (!showing_) return {};
  return {lasso_.path.size(), lasso_.cycle.size()};
}

Choice FairCyclesStrategy::Choose(const SchedulingPoint& point) {
  if (showing_) return ShowCycle(point);
  ++choices_;
  if (at_ == kNoNode && !Identify(point)) return kRedundant;
  if (graph_.EdgesOf(at_).empty()) return {};
  if (new_states_ >= kMostNewStates) return kRedundant;
  if (planned_ == plan_.size()) {
    const uint32_t edge = graph_.NextUnexplored(at_);
    if (edge < graph_.OpenEdgesOf(at_).size()) return TakeEdge(point, {at_, edge});
    if (!PlanFrom(at_)) return kRedundant;
  }
  return TakeEdge(point, plan_[planned_++]);
}

Choice FairCyclesStrategy::ShowCycle(const SchedulingPoint& point) {
  const uint64_t path = lasso_.path.size();
  const uint64_t round = lasso_.cycle.size();
  if (shown_ >= path + kRounds * round) return kRedundant;
  const Choice choice = shown_ < path ? lasso_.path[shown_] : lasso_.cycle[(shown_ - path) % round];
  ++shown_;
  return IsOpen(point.machine, choice) ? choice : kRedundant;
}

// Goes over an edge of the node where it stands.
Choice FairCyclesStrategy::TakeEdge(const SchedulingPoint& point, Parent step) {
  const Edge& edge = graph_.EdgesOf(step.node)[step.edge];
  if (step.node != at_ || !IsOpen(point.machine, edge.choice)) {
    ++lost_;
    gave_up_ = true;
    return kRedundant;
  }
  taken_ = step;
  at_ = edge.to < graph_.size() ? edge.to : kNoNode;
  return edge.choice;
}

// Finds out where it stands. False if there is no room for a new state.
bool FairCyclesStrategy::Identify(const SchedulingPoint& point) {
  const StateHash state = point.state == nullptr ? StateHash{} : point.state->State();
  Node node = graph_.Find(state);
  const bool is_new = node == StateGraph::kUnexplored;
  if (is_new) {
    if (graph_.size() >= most_states_) {
      full_ = true;
      return false;
    }
    uint32_t open = 0;
    CollectEdges(point.machine, &open);
    node = graph_.Add(state, edges_, open);
  }
  Arrive(node, is_new);
  return true;
}

void FairCyclesStrategy::Arrive(Node node, bool is_new) {
  at_ = node;
  if (is_new) {
    ++new_states_;
    parents_.push_back(taken_);
    seen_.push_back(0);
    unexplored_.push_back(node);
  }
  if (taken_.node == kNoNode) return;
  graph_.Lead(taken_.node, taken_.edge, node);
  // All that a cycle of states leaves out is taken in one of them at least.
  if (!is_new && graph_.OpenAll(taken_.node)) unexplored_.push_back(taken_.node);
}

// Fills edges_; the first `*open` are to be taken.
void FairCyclesStrategy::CollectEdges(const Machine& machine, uint32_t* open) {
  edges_.clear();
  *open = 0;
  ForEachEnabled(machine, 0, [&](TaskId task, Alternatives alternatives) {
    const TaskState& state = machine.task(task);
    const size_t begin = edges_.size();
    for (uint32_t i = 0; i < alternatives.count; ++i) {
      const uint32_t alternative = alternatives.first + i;
      const uint64_t demand =
          IsSpurious(state.pending, alternative) ? StateGraph::kNoDemand : Index(task);
      edges_.push_back({.choice = {task, alternative},
                        .demand = demand,
                        .draw = DrawOf(task, state.pending, alternative)});
    }
    // In virtual time what one does may be what another's waiting depends on.
    if (*open == 0 && machine.options().timeouts_any && IsLocal(state)) {
      *open = alternatives.count;
      std::rotate(edges_.begin(), edges_.begin() + static_cast<ptrdiff_t>(begin), edges_.end());
    }
    return false;
  });
  if (*open == 0) *open = static_cast<uint32_t>(edges_.size());
}

void FairCyclesStrategy::PlanFromStart(Node to) {
  for (Node node = to; node != 0; node = parents_[node].node) plan_.push_back(parents_[node]);
  std::reverse(plan_.begin(), plan_.end());
}

// The way to the nearest edge that nobody has taken. False if there is none nearby.
bool FairCyclesStrategy::PlanFrom(Node from) {
  reached_.clear();
  ++searches_;
  seen_[from] = searches_;
  reached_.push_back({{from, 0}, 0});
  for (size_t i = 0; i < reached_.size() && reached_.size() < kNearby; ++i) {
    const Parent step = reached_[i].first;
    const Node node = i == 0 ? from : graph_.EdgesOf(step.node)[step.edge].to;
    if (!graph_.IsExplored(node)) {
      const size_t begin = plan_.size();
      for (size_t j = i; j != 0; j = reached_[j].second) plan_.push_back(reached_[j].first);
      std::reverse(plan_.begin() + static_cast<ptrdiff_t>(begin), plan_.end());
      return true;
    }
    const auto edges = graph_.OpenEdgesOf(node);
    for (uint32_t e = 0; e < edges.size(); ++e) {
      const Node to = edges[e].to;
      if (to >= graph_.size() || seen_[to] == searches_) continue;
      seen_[to] = searches_;
      reached_.push_back({{node, e}, i});
    }
  }
  return false;
}

// Forgets nodes that need not be gone to any more. False if there are no others.
bool FairCyclesStrategy::DropExplored() {
  while (!unexplored_.empty() && graph_.IsExplored(unexplored_.front())) unexplored_.pop_front();
  return !unexplored_.empty();
}

bool FairCyclesStrategy::IsOver() {
  return full_ || !DropExplored() || choices_ >= kMostChoices ||
         executions_ + kReserved >= most_executions_;
}

bool FairCyclesStrategy::FinishExecution(Outcome outcome) {
  ++executions_;
  if (showing_) {
    if (outcome != Outcome::kLivelock) ++unconfirmed_;
    for (const Node node : lasso_.component) graph_.Ban(node);
    Analyze();
    return showing_ || !IsOver();
  }
  const bool ended = at_ == kNoNode && taken_.node != kNoNode && !full_;
  if (ended) graph_.Lead(taken_.node, taken_.edge, StateGraph::kEnd);
  if (target_ != kNoNode && !gave_up_ && !graph_.IsExplored(target_)) {
    unexplored_.push_back(target_);
  }
  const bool over = IsOver();
  if (over || executions_ >= next_analysis_) {
    next_analysis_ = 2 * executions_;
    Analyze();
  }
  return showing_ || !over;
}

void FairCyclesStrategy::Analyze() {
  showing_ = graph_.size() > 0 && executions_ < most_executions_ &&
             FindFairCycle(graph_, memory_, &lasso_);
}

bool FairCyclesStrategy::complete() const {
  return unexplored_.empty() && !full_ && lost_ == 0 && unconfirmed_ == 0 && !showing_;
}

void FairCyclesStrategy::Restart() {
  graph_.Clear();
  parents_.clear();
  unexplored_.clear();
  seen_.clear();
  executions_ = choices_ = lost_ = unconfirmed_ = 0;
  next_analysis_ = kFirstAnalysis;
  full_ = showing_ = false;
}

}  // namespace csim
