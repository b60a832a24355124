#include "scheduler/fair_cycle.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace csim {
namespace {

using Node = StateGraph::Node;
using Edge = StateGraph::Edge;
using Nodes = std::pmr::vector<Node>;
using Demands = std::pmr::unordered_set<uint64_t>;

constexpr uint32_t kNowhere = ~0u;

class Finder {
 public:
  Finder(const StateGraph& graph, std::pmr::memory_resource* memory)
      : graph_(graph),
        memory_(memory),
        set_(graph.size(), 0, memory),
        number_(graph.size(), 0, memory),
        lowest_(graph.size(), 0, memory),
        distance_(graph.size(), kNowhere, memory),
        from_(graph.size(), {}, memory) {}

  bool Find(Lasso* lasso) {
    Measure();
    Nodes all(memory_);
    for (Node node = 0; node < graph_.size(); ++node) {
      if (distance_[node] != kNowhere && !graph_.banned(node)) all.push_back(node);
    }
    Push(std::move(all));
    while (!work_.empty()) {
      Nodes nodes = std::move(work_.back());
      work_.pop_back();
      Split(nodes);
    }
    if (best_.empty()) return false;
    BuildLasso(lasso);
    return true;
  }

 private:
  struct Step {
    Node node = 0;
    uint32_t edge = 0;
  };
  struct Frame {
    Node node;
    uint32_t edge;
  };

  // Both ends in the set that is looked at.
  bool Inside(Node node, const Edge& edge) const {
    return edge.to < graph_.size() && set_[edge.to] == set_[node] && set_[node] != 0;
  }

  // How many edges each node is away from the first one, and over which edge it is reached first.
  void Measure() {
    Nodes queue(memory_);
    distance_[0] = 0;
    queue.push_back(0);
    for (size_t i = 0; i < queue.size(); ++i) {
      const auto edges = graph_.OpenEdgesOf(queue[i]);
      for (uint32_t e = 0; e < edges.size(); ++e) {
        const Node to = edges[e].to;
        if (to >= graph_.size() || distance_[to] != kNowhere) continue;
        distance_[to] = distance_[queue[i]] + 1;
        from_[to] = {queue[i], e};
        queue.push_back(to);
      }
    }
  }

  // These nodes are a set of their own, to be looked at.
  void Push(Nodes nodes) {
    ++sets_;
    for (const Node node : nodes) {
      set_[node] = sets_;
      number_[node] = 0;
    }
    work_.push_back(std::move(nodes));
  }

  // Tarjan: each component of the set goes to Judge.
  void Split(const Nodes& nodes) {
    if (nodes.empty()) return;
    uint32_t count = 0;
    Nodes stack(memory_);
    std::pmr::vector<Frame> frames(memory_);
    std::pmr::vector<Nodes> components(memory_);
    const auto enter = [&](Node node) {
      number_[node] = lowest_[node] = ++count;
      stack.push_back(node);
      frames.push_back({node, 0});
    };
    for (const Node root : nodes) {
      if (number_[root] != 0) continue;
      enter(root);
      while (!frames.empty()) {
        const Node node = frames.back().node;
        const auto edges = graph_.OpenEdgesOf(node);
        if (frames.back().edge < edges.size()) {
          const Edge& edge = edges[frames.back().edge++];
          if (!Inside(node, edge)) continue;
          if (number_[edge.to] == 0) {
            enter(edge.to);
          } else if (number_[edge.to] != kNowhere) {
            lowest_[node] = std::min(lowest_[node], number_[edge.to]);
          }
          continue;
        }
        frames.pop_back();
        if (!frames.empty()) {
          Node& parent = frames.back().node;
          lowest_[parent] = std::min(lowest_[parent], lowest_[node]);
        }
        if (lowest_[node] == number_[node]) components.push_back(Take(stack, node));
      }
    }
    for (Nodes& component : components) Judge(std::move(component));
  }

  // What lies on the stack from `node` on: a component, whose nodes count as done.
  Nodes Take(Nodes& stack, Node node) {
    Nodes component(memory_);
    Node taken;
    do {
      taken = stack.back();
      stack.pop_back();
      number_[taken] = kNowhere;
      component.push_back(taken);
    } while (taken != node);
    return component;
  }

  void Judge(Nodes component) {
    ++sets_;
    for (const Node node : component) set_[node] = sets_;
    Demands done(memory_);
    const bool any = CollectDone(component, &done);
    if (!any) return;
    Nodes rest(memory_);
    for (const Node node : component) {
      if (Meets(node, done)) rest.push_back(node);
    }
    if (rest.size() == component.size()) {
      Keep(std::move(component));
    } else {
      for (const Node node : component) set_[node] = 0;
      Push(std::move(rest));
    }
  }

  // What the edges within the component do. False if there are none.
  bool CollectDone(const Nodes& component, Demands* done) const {
    bool any = false;
    for (const Node node : component) {
      for (const Edge& edge : graph_.OpenEdgesOf(node)) {
        if (!Inside(node, edge)) continue;
        any = true;
        done->insert(edge.demand);
        done->insert(edge.draw);
      }
    }
    return any;
  }

  bool Meets(Node node, const Demands& done) const {
    const auto met = [&](uint64_t demand) {
      return demand == StateGraph::kNoDemand || done.count(demand) != 0;
    };
    const auto edges = graph_.EdgesOf(node);
    return std::all_of(edges.begin(), edges.end(),
                       [&](const Edge& e) { return met(e.demand) && met(e.draw); });
  }

  void Keep(Nodes component) {
    const auto nearer = [&](Node a, Node b) { return distance_[a] < distance_[b]; };
    const Node begin = *std::min_element(component.begin(), component.end(), nearer);
    if (!best_.empty() && distance_[best_begin_] <= distance_[begin]) return;
    best_begin_ = begin;
    best_ = std::move(component);
  }

  void BuildLasso(Lasso* lasso) {
    ++sets_;
    for (const Node node : best_) set_[node] = sets_;
    lasso->component = best_;
    lasso->path.clear();
    lasso->cycle.clear();
    for (Node node = best_begin_; node != 0; node = from_[node].node) {
      lasso->path.push_back(graph_.OpenEdgesOf(from_[node].node)[from_[node].edge].choice);
    }
    std::reverse(lasso->path.begin(), lasso->path.end());
    // Everything that any state of the component demands, each by the shortest way from where one stands; then
    // back to the beginning.
    Demands open(memory_);
    for (const Node node : best_) {
      for (const Edge& edge : graph_.EdgesOf(node)) {
        if (edge.demand != StateGraph::kNoDemand) open.insert(edge.demand);
        if (edge.draw != StateGraph::kNoDemand) open.insert(edge.draw);
      }
    }
    Node at = best_begin_;
    const auto wanted = [&](const Edge& edge) {
      return open.empty() ? edge.to == best_begin_
                          : open.count(edge.demand) != 0 || open.count(edge.draw) != 0;
    };
    do {
      at = Walk(at, wanted, &open, &lasso->cycle);
    } while (!open.empty() || at != best_begin_);
  }

  // Within the component to the nearest edge that is wanted, and over it; where that leads.
  template <typename Wanted>
  Node Walk(Node start, Wanted wanted, Demands* open, std::pmr::vector<Choice>* walk) {
    std::pmr::vector<std::pair<Step, size_t>> queue(
        memory_);  // how a node was reached, from which entry
    Nodes reached(memory_);
    for (const Node node : best_) number_[node] = 0;
    number_[start] = 1;
    queue.push_back({{}, 0});
    reached.push_back(start);
    for (size_t i = 0; i < queue.size(); ++i) {
      const Node node = reached[i];
      const auto edges = graph_.OpenEdgesOf(node);
      for (uint32_t e = 0; e < edges.size(); ++e) {
        if (!Inside(node, edges[e])) continue;
        if (wanted(edges[e])) {
          const size_t end = walk->size();
          for (size_t j = i; j != 0; j = queue[j].second) {
            Note(queue[j].first, open, walk);
          }
          std::reverse(walk->begin() + static_cast<ptrdiff_t>(end), walk->end());
          Note({node, e}, open, walk);
          return edges[e].to;
        }
        if (number_[edges[e].to] != 0) continue;
        number_[edges[e].to] = 1;
        queue.push_back({{node, e}, i});
        reached.push_back(edges[e].to);
      }
    }
    return start;  // not reached: a component is connected, and its edges do what is demanded
  }

  void Note(const Step& step, Demands* open, std::pmr::vector<Choice>* walk) const {
    const Edge& edge = graph_.OpenEdgesOf(step.node)[step.edge];
    walk->push_back(edge.choice);
    open->erase(edge.demand);
    open->erase(edge.draw);
  }

  const StateGraph& graph_;
  std::pmr::memory_resource* memory_;
  std::pmr::vector<uint32_t> set_;     // that a node is in; 0: none any more
  std::pmr::vector<uint32_t> number_;  // Tarjan's; kNowhere: its component is known
  std::pmr::vector<uint32_t> lowest_;
  std::pmr::vector<uint32_t> distance_;
  std::pmr::vector<Step> from_;
  std::pmr::vector<Nodes> work_{memory_};
  uint32_t sets_ = 0;
  Nodes best_{memory_};
  Node best_begin_ = 0;
};

}  // namespace

bool FindFairCycle(const StateGraph& graph, std::pmr::memory_resource* memory, Lasso* lasso) {
  return Finder(graph, memory).Find(lasso);
}

}  // namespace csim
