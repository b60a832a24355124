// The states of a program that a search has seen, and what leads from one to the next.
//
// A node is a state, an edge a choice that is open there. Two states are taken as one if their hashes are
// equal; a state that nobody knows is a node of its own. Edges come in two groups: those that the search is
// to take, and those that it may leave out because their order to the others cannot matter. Both
// are demands: who is enabled in a state that comes again and again has to go on some time (fair_cycle.h).
#ifndef CSIM_SCHEDULER_STATE_GRAPH_H_
#define CSIM_SCHEDULER_STATE_GRAPH_H_

#include <cstdint>
#include <memory_resource>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/schedule.h"
#include "scheduler/strategy.h"

namespace csim {

class StateGraph {
 public:
  using Node = uint32_t;
  static constexpr Node kUnexplored = ~0u;  // nobody has taken this edge
  static constexpr Node kEnd = ~0u - 1;     // the execution ends there
  static constexpr uint64_t kNoDemand = ~uint64_t{0};

  struct Edge {
    Choice choice;
    Node to = kUnexplored;
    // Fairness asks that this task goes on, and (of a choice by chance) that this one is made, if that is
    // possible again and again. kNoDemand: nothing is asked.
    uint64_t demand = kNoDemand;
    uint64_t draw = kNoDemand;
  };

  explicit StateGraph(std::pmr::memory_resource* memory)
      : nodes_(memory), edges_(memory), known_(memory) {}

  Node size() const { return static_cast<Node>(nodes_.size()); }
  // The node of this state; kUnexplored if there is none (or the state is not known).
  Node Find(const StateHash& state) const;
  // A new node with these edges, of which the search is to take the first `open`. The edges are copied.
  Node Add(const StateHash& state, std::span<const Edge> edges, uint32_t open);

  // All edges of the node / those that are to be taken.
  std::span<const Edge> EdgesOf(Node node) const {
    return {edges_.data() + nodes_[node].first, nodes_[node].count};
  }
  std::span<const Edge> OpenEdgesOf(Node node) const {
    return {edges_.data() + nodes_[node].first, nodes_[node].open};
  }
  // The first edge to be taken that nobody has; the number of such edges if there is none.
  uint32_t NextUnexplored(Node node);
  bool IsExplored(Node node) { return NextUnexplored(node) == nodes_[node].open; }
  void Lead(Node node, uint32_t edge, Node to) { edges_[nodes_[node].first + edge].to = to; }
  // From now on all edges are to be taken. False if they were before.
  bool OpenAll(Node node);

  // Nodes that are of no more interest to whoever looks for cycles.
  void Ban(Node node) { nodes_[node].banned = true; }
  bool banned(Node node) const { return nodes_[node].banned; }

  void Clear();

 private:
  struct NodeState {
    uint32_t first = 0;  // edge
    uint32_t count = 0;
    uint32_t open = 0;
    uint32_t explored = 0;  // so many of the open ones, from the first on, were taken
    bool banned = false;
  };
  struct Key {
    uint64_t a, b;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const { return key.a ^ key.b * 0x9e3779b97f4a7c15u; }
  };

  std::pmr::vector<NodeState> nodes_;
  std::pmr::vector<Edge> edges_;
  std::pmr::unordered_map<Key, Node, KeyHash> known_;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_STATE_GRAPH_H_
