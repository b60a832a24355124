// Fair cycles in graphs, against brute force: a set of states is one if it is connected by its own edges and those do
// all that any of its states demands.
#include "scheduler/fair_cycle.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "tests/scheduler/bounded_memory.h"

namespace csim {
namespace {

using Node = StateGraph::Node;
using Edge = StateGraph::Edge;

struct TestGraph {
  StateGraph graph{std::pmr::new_delete_resource()};
  uint64_t states = 0;

  void Add(const std::vector<Edge>& edges, size_t open) {
    graph.Add({++states, 1, true}, edges, static_cast<uint32_t>(open));
  }
};

Edge By(uint16_t task, Node to) { return {.choice = {TaskId{task}, 0}, .to = to, .demand = task}; }

bool IsFairSet(const StateGraph& graph, uint32_t set) {
  const auto in = [&](Node node) { return node < graph.size() && (set >> node & 1) != 0; };
  std::set<uint64_t> done{StateGraph::kNoDemand};
  bool any = false;
  uint32_t first = 0;
  while (!in(first)) ++first;
  for (Node node = 0; node < graph.size(); ++node) {
    if (!in(node)) continue;
    if (graph.banned(node)) return false;
    // From everywhere to everywhere.
    uint32_t reached = 1u << node;
    for (uint32_t before = 0; before != reached;) {
      before = reached;
      for (Node n = 0; n < graph.size(); ++n) {
        if ((reached >> n & 1) == 0) continue;
        for (const Edge& edge : graph.OpenEdgesOf(n)) {
          if (in(edge.to)) reached |= 1u << edge.to;
        }
      }
    }
    if (reached != set) return false;
    for (const Edge& edge : graph.OpenEdgesOf(node)) {
      if (!in(edge.to)) continue;
      any = true;
      done.insert(edge.demand);
      done.insert(edge.draw);
    }
  }
  for (Node node = 0; node < graph.size(); ++node) {
    if (!in(node)) continue;
    for (const Edge& edge : graph.EdgesOf(node)) {
      if (done.count(edge.demand) == 0 || done.count(edge.draw) == 0) return false;
    }
  }
  return any;
}

uint32_t Reachable(const StateGraph& graph) {
  uint32_t reached = 1;
  for (uint32_t before = 0; before != reached;) {
    before = reached;
    for (Node n = 0; n < graph.size(); ++n) {
      if ((reached >> n & 1) == 0) continue;
      for (const Edge& edge : graph.OpenEdgesOf(n)) {
        if (edge.to < graph.size()) reached |= 1u << edge.to;
      }
    }
  }
  return reached;
}

bool HasFairSet(const StateGraph& graph) {
  const uint32_t reachable = Reachable(graph);
  for (uint32_t set = 1; set < 1u << graph.size(); ++set) {
    if ((set & ~reachable) == 0 && IsFairSet(graph, set)) return true;
  }
  return false;
}

const Edge* EdgeOf(const StateGraph& graph, Node node, Choice choice) {
  for (const Edge& edge : graph.OpenEdgesOf(node)) {
    if (edge.choice == choice) return &edge;
  }
  return nullptr;
}

// The lasso is one: its choices are edges, its cycle comes back, and does all that is demanded on it.
void ExpectFairLasso(const StateGraph& graph, const Lasso& lasso) {
  Node at = 0;
  const auto go = [&](Choice choice) {
    const Edge* edge = EdgeOf(graph, at, choice);
    ASSERT_NE(edge, nullptr);
    ASSERT_LT(edge->to, graph.size());
    at = edge->to;
  };
  for (const Choice choice : lasso.path) go(choice);
  const Node begin = at;
  ASSERT_FALSE(lasso.cycle.empty());
  std::set<uint64_t> done{StateGraph::kNoDemand};
  std::set<uint64_t> demanded;
  for (const Choice choice : lasso.cycle) {
    ASSERT_FALSE(graph.banned(at));
    for (const Edge& edge : graph.EdgesOf(at)) demanded.insert({edge.demand, edge.draw});
    const Edge* edge = EdgeOf(graph, at, choice);
    ASSERT_NE(edge, nullptr);
    done.insert({edge->demand, edge->draw});
    go(choice);
  }
  EXPECT_EQ(at, begin);
  for (const uint64_t demand : demanded) EXPECT_EQ(done.count(demand), 1u);
}

TestGraph RandomGraph(std::mt19937_64& random) {
  TestGraph made;
  const auto nodes = static_cast<Node>(1 + random() % 7);
  for (Node node = 0; node < nodes; ++node) {
    std::vector<Edge> edges;
    for (uint16_t task = 0; task < 3; ++task) {
      if (random() % 3 == 0) continue;
      const uint32_t ways = random() % 4 == 0 ? 2 : 1;
      for (uint32_t way = 0; way < ways; ++way) {
        Edge edge = By(task, static_cast<Node>(random() % nodes));
        edge.choice.alternative = way;
        if (random() % 6 == 0) edge.to = StateGraph::kEnd;
        if (random() % 12 == 0) edge.to = StateGraph::kUnexplored;
        if (ways == 2) edge.draw = 100 + 2 * task + way;
        if (random() % 20 == 0) edge.demand = StateGraph::kNoDemand;
        edges.push_back(edge);
      }
    }
    const bool some = random() % 4 == 0;
    made.Add(edges, some ? random() % (edges.size() + 1) : edges.size());
  }
  if (random() % 4 == 0) made.graph.Ban(static_cast<Node>(random() % nodes));
  return made;
}

TEST(FairCycle, IsFoundIfThereIsOne) {
  std::mt19937_64 random(1);
  int fair = 0;
  for (int i = 0; i < 20000; ++i) {
    const TestGraph made = RandomGraph(random);
    Lasso lasso(std::pmr::new_delete_resource());
    const bool found = FindFairCycle(made.graph, std::pmr::new_delete_resource(), &lasso);
    ASSERT_EQ(found, HasFairSet(made.graph)) << "graph " << i;
    if (found) ExpectFairLasso(made.graph, lasso);
    if (HasFailure()) FAIL() << "graph " << i;
    fair += found;
  }
  EXPECT_GT(fair, 3000);
  EXPECT_LT(fair, 17000);
}

TEST(FairCycle, BeginsAsNearAsCanBe) {
  TestGraph made;
  made.Add({By(0, 1), By(1, 3)}, 2);
  made.Add({By(0, 2)}, 1);
  made.Add({By(0, 2)}, 1);  // a cycle after two steps
  made.Add({By(1, 3)}, 1);  // one after a single step
  Lasso lasso(std::pmr::new_delete_resource());
  ASSERT_TRUE(FindFairCycle(made.graph, std::pmr::new_delete_resource(), &lasso));
  EXPECT_EQ(lasso.path.size(), 1u);
  EXPECT_EQ(lasso.path[0], (Choice{TaskId{1}, 0}));
  EXPECT_EQ(lasso.cycle.size(), 1u);
  made.graph.Ban(3);
  ASSERT_TRUE(FindFairCycle(made.graph, std::pmr::new_delete_resource(), &lasso));
  EXPECT_EQ(lasso.path.size(), 2u);
}

// A task that is enabled now and then, and each time that it went on would end it all: strongly fair it is not, though
// weakly it is.
TEST(FairCycle, AskForStrongFairness) {
  TestGraph made;
  made.Add({By(0, 1), By(1, StateGraph::kEnd)}, 2);
  made.Add({By(0, 0)}, 1);
  Lasso lasso(std::pmr::new_delete_resource());
  EXPECT_FALSE(FindFairCycle(made.graph, std::pmr::new_delete_resource(), &lasso));
}

TEST(FairCycle, TakesMemoryFromItsResourceOnly) {
  const auto edges = std::vector<Edge>{By(0, 1), By(1, 0)};
  BoundedMemory memory;
  {
    StateGraph graph(&memory);
    graph.Add({1, 1, true}, edges, 2);
    graph.Add({2, 1, true}, edges, 2);
    Lasso lasso(&memory);
    EXPECT_TRUE(FindFairCycle(graph, &memory, &lasso));
    EXPECT_GT(memory.used(), 0u);
  }
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace csim
