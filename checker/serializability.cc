#include "checker/serializability.h"

#include <algorithm>

namespace csim {

Serializability::Serializability(std::pmr::memory_resource* memory)
    : tasks_(memory),
      nodes_(memory),
      edges_(memory),
      conflicts_(memory),
      objects_(memory),
      stack_(memory),
      cycle_(memory) {}

void Serializability::BeginExecution() {
  if (!on_) return;
  on_ = false;
  tasks_.clear();
  nodes_.clear();
  edges_.clear();
  conflicts_.clear();
  objects_.clear();
  searches_ = 0;
}

Serializability::Task& Serializability::TaskAt(TaskId task) {
  if (Index(task) >= tasks_.size()) tasks_.resize(Index(task) + 1);
  return tasks_[Index(task)];
}

uint32_t Serializability::NewNode(Task& task) {
  const auto node = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  if (task.node != kNone) AddEdge(task.node, node, kNone);
  task.node = node;
  return node;
}

void Serializability::AddEdge(uint32_t from, uint32_t to, uint32_t conflict) {
  edges_.push_back({to, nodes_[from].edges, conflict});
  nodes_[from].edges = static_cast<uint32_t>(edges_.size() - 1);
}

void Serializability::Enter(TaskId id, const Block& block) {
  on_ = true;
  Task& task = TaskAt(id);
  if (task.depth++ != 0) return;
  task.block = block;
  NewNode(task);
}

void Serializability::Leave(TaskId id) {
  Task& task = TaskAt(id);
  if (task.depth != 0) --task.depth;
}

Serializability::Result Serializability::OnAccess(const Access& access) {
  if (nodes_.size() >= kMost || edges_.size() >= kMost) return Result::kNothing;
  Task& task = TaskAt(access.task);
  const uint32_t node = task.depth != 0 ? task.node : NewNode(task);
  auto& known = objects_.try_emplace(access.object).first->second;
  Result result = Result::kNothing;
  for (const Known& earlier : known) {
    const Access& first = earlier.access;
    const bool conflict = (first.mask & access.mask) != 0 && (first.writes || access.writes) &&
                          first.task != access.task;
    if (!conflict || earlier.node == node) continue;
    result = Result::kOrdered;
    if (task.depth != 0 && Reaches(node, earlier.node)) {
      block_ = task.block;
      ShowCycle(node, earlier.node, {first, access});
      return Result::kCycle;
    }
    conflicts_.push_back({first, access});
    AddEdge(earlier.node, node, static_cast<uint32_t>(conflicts_.size() - 1));
  }
  // What comes after this access comes after all that it conflicts with too.
  std::erase_if(known, [&](const Known& earlier) {
    const bool covered = (earlier.access.mask & ~access.mask) == 0;
    const bool same = earlier.node == node && earlier.access.writes == access.writes;
    return covered && (access.writes || same);
  });
  known.push_back({access, node});
  return result;
}

void Serializability::OnOrder(TaskId first, TaskId then) {
  if (nodes_.size() >= kMost || edges_.size() >= kMost) return;
  TaskAt(first);
  Task& second = TaskAt(then);
  const uint32_t before = TaskAt(first).node;
  if (before == kNone || second.depth != 0) return;
  AddEdge(before, NewNode(second), kNone);
}

bool Serializability::Reaches(uint32_t from, uint32_t to) {
  ++searches_;
  stack_.clear();
  stack_.push_back(from);
  nodes_[from].visited = searches_;
  while (!stack_.empty()) {
    const uint32_t at = stack_.back();
    stack_.pop_back();
    if (at == to) return true;
    for (uint32_t e = nodes_[at].edges; e != kNone; e = edges_[e].next) {
      Node& next = nodes_[edges_[e].to];
      if (next.visited == searches_) continue;
      next.visited = searches_;
      next.from = e;
      next.from_node = at;
      stack_.push_back(edges_[e].to);
    }
  }
  return false;
}

// REQUIRES: Reaches(from, to) was called last and was true.
void Serializability::ShowCycle(uint32_t from, uint32_t to, const Conflict& closing) {
  cycle_.clear();
  for (uint32_t at = to; at != from; at = nodes_[at].from_node) {
    const uint32_t conflict = edges_[nodes_[at].from].conflict;
    if (conflict != kNone) cycle_.push_back(conflicts_[conflict]);
  }
  std::reverse(cycle_.begin(), cycle_.end());
  cycle_.push_back(closing);
}

}  // namespace csim
