#include "scheduler/state_graph.h"

namespace csim {

StateGraph::Node StateGraph::Find(const StateHash& state) const {
  if (!state.known) return kUnexplored;
  const auto found = known_.find({state.a, state.b});
  return found == known_.end() ? kUnexplored : found->second;
}

StateGraph::Node StateGraph::Add(const StateHash& state, std::span<const Edge> edges,
                                 uint32_t open) {
  const Node node = size();
  const auto count = static_cast<uint32_t>(edges.size());
  nodes_.push_back({static_cast<uint32_t>(edges_.size()), count, open});
  edges_.insert(edges_.end(), edges.begin(), edges.end());
  if (state.known) known_.insert({{state.a, state.b}, node});
  return node;
}

uint32_t StateGraph::NextUnexplored(Node node) {
  NodeState& state = nodes_[node];
  while (state.explored < state.open && edges_[state.first + state.explored].to != kUnexplored) {
    ++state.explored;
  }
  return state.explored;
}

bool StateGraph::OpenAll(Node node) {
  NodeState& state = nodes_[node];
  if (state.open == state.count) return false;
  state.open = state.count;
  return true;
}

void StateGraph::Clear() {
  nodes_.clear();
  edges_.clear();
  known_.clear();
}

}  // namespace csim
