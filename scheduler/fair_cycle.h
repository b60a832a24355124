// Looks for a livelock in a graph of states: a cycle that can be gone round for ever although nobody is passed over.
//
// Strong fairness: what is demanded in some state of the cycle (a task that is enabled there has to take a step, a
// choice by chance has to be made) is done somewhere in the cycle. A task that is disabled in all of it is no
// obstacle. Weak fairness would not do: a task that waits for a lock that others take in turns is disabled again and
// again, and yet no lock keeps it out for ever.
//
// Emerson and Lei, "Modalities for model checking" (1987): a strongly connected component in which a state demands what no edge
// of the component does is left without those states and looked at again; what remains is fair. Components come from
// Tarjan's algorithm, without recursion.
#ifndef CSIM_SCHEDULER_FAIR_CYCLE_H_
#define CSIM_SCHEDULER_FAIR_CYCLE_H_

#include <memory_resource>
#include <vector>

#include "model/schedule.h"
#include "scheduler/state_graph.h"

namespace csim {

// A way into a cycle and once round it.
struct Lasso {
  explicit Lasso(std::pmr::memory_resource* memory)
      : component(memory), path(memory), cycle(memory) {}
  std::pmr::vector<StateGraph::Node>
      component;                  // all the states from which one can come back to the cycle fairly
  std::pmr::vector<Choice> path;  // from the first node of the graph
  std::pmr::vector<Choice> cycle;  // not empty
};

// The fair cycle that begins nearest to the first node, if there is one. Only edges that are to be taken and have been
// taken are gone along, and no banned nodes; so a graph that is not complete has no cycle that the complete one has not.
// REQUIRES: the graph has a node. Working memory and the lasso's come from `memory`.
bool FindFairCycle(const StateGraph& graph, std::pmr::memory_resource* memory, Lasso* lasso);

}  // namespace csim

#endif  // CSIM_SCHEDULER_FAIR_CYCLE_H_
