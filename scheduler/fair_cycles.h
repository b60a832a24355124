// Looks for livelocks: goes through the states of the program, not its executions, and then for a cycle among them in
// which nobody is passed over (fair_cycle.h).
//
// The graph of states (state_graph.h) is explored by running the program again and again. An execution goes
// over edges that are known to one that is not, takes it, asks what state that leads to, and goes on from there as long
// as there are edges nearby that nobody has taken; then it is cut (as redundant). The state is asked for only behind new edges: the
// program is deterministic, so that the known ones lead where they led before.
//
// Not every choice is taken in every state. Where a task's operation can make no difference to others nor they to
// it, nothing else is taken there, unless that closes a cycle, in which the others might be forgotten (Peled's "all from
// one, one from many", CAV 1993; conditions C0 to C3). Fairness asks for all that are enabled, taken or not.
//
// A cycle that is found is run: the execution goes there and round and round, and somebody else (Strategy::cycle) looks
// whether the state is the same after each round. What stands in unused parts of stacks may be different after
// the first rounds, so it may need some. A cycle for which that never comes true counts as unconfirmed.
//
// States are 128-bit hashes. Spinning tasks must not be disabled (Config::every_round): their loops are cycles like others.
#ifndef CSIM_SCHEDULER_FAIR_CYCLES_H_
#define CSIM_SCHEDULER_FAIR_CYCLES_H_

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <vector>

#include "scheduler/fair_cycle.h"
#include "scheduler/state_graph.h"
#include "scheduler/strategy.h"

namespace csim {

class FairCyclesStrategy final : public Strategy {
 public:
  static constexpr uint32_t kRounds = 6;     // of a cycle, until the state is the same
  static constexpr uint64_t kReserved = 16;  // executions that are kept for showing cycles
  static constexpr uint32_t kMostStates = 1 << 17;
  static constexpr uint64_t kMostChoices =
      1 << 24;  // of all executions: the way to far states takes long
  static constexpr uint32_t kMostNewStates = 4096;  // of one execution: others look elsewhere

  // Explores with at most so many executions, or to the end.
  FairCyclesStrategy(std::pmr::memory_resource* memory, uint64_t executions,
                     uint32_t most_states = kMostStates)
      : memory_(memory),
        most_executions_(executions),
        most_states_(most_states),
        graph_(memory),
        parents_(memory),
        unexplored_(memory),
        plan_(memory),
        edges_(memory),
        reached_(memory),
        seen_(memory),
        lasso_(memory) {}

  void BeginExecution() override;
  Choice Choose(const SchedulingPoint& point) override;
  bool FinishExecution(Outcome outcome) override;
  // All states are known, and each cycle that is fair among them was shown.
  bool complete() const override;
  Cycle cycle() const override;
  void Restart() override;

  // States, executions that had to be given up, and cycles for which the same state did not come again.
  uint32_t states() const { return graph_.size(); }
  uint64_t lost() const { return lost_; }
  uint64_t unconfirmed() const { return unconfirmed_; }

 private:
  using Node = StateGraph::Node;
  using Edge = StateGraph::Edge;
  static constexpr Node kNoNode = ~0u;
  static constexpr uint64_t kFirstAnalysis = 64;  // executions; then after twice as many, and so on
  static constexpr size_t kNearby =
      256;  // states to be looked at for an edge that nobody has taken

  struct Parent {  // how a node was reached first
    Node node = kNoNode;
    uint32_t edge = 0;
  };

  Choice ShowCycle(const SchedulingPoint& point);
  bool Identify(const SchedulingPoint& point);
  void CollectEdges(const Machine& machine, uint32_t* open);
  void Arrive(Node node, bool is_new);
  void PlanFromStart(Node to);
  bool PlanFrom(Node from);
  Choice TakeEdge(const SchedulingPoint& point, Parent step);
  bool DropExplored();
  bool IsOver();
  void Analyze();

  std::pmr::memory_resource* memory_;
  uint64_t most_executions_;
  uint32_t most_states_;
  StateGraph graph_;
  std::pmr::vector<Parent> parents_;  // by node
  std::pmr::deque<Node> unexplored_;  // all nodes with edges that nobody has taken, and some others
  uint64_t executions_ = 0;
  uint64_t choices_ = 0;
  uint64_t next_analysis_ = kFirstAnalysis;
  uint64_t lost_ = 0;
  uint64_t unconfirmed_ = 0;
  bool full_ = false;     // there are more states than may be kept
  bool showing_ = false;  // the next execution, or this one, shows `lasso_`

  // Of the running execution.
  Node target_ = kNoNode;          // whose edge was the first to be taken
  Node at_ = kNoNode;              // where it stands; kNoNode: behind an edge that nobody had taken
  Parent taken_;                   // that edge
  std::pmr::vector<Parent> plan_;  // edges to be taken ...
  size_t planned_ = 0;             // ... and so many that were
  uint64_t shown_ = 0;             // choices of the lasso
  uint32_t new_states_ = 0;
  bool gave_up_ = false;  // it did not go where it went before
  // Scratch.
  std::pmr::vector<Edge> edges_;
  std::pmr::vector<std::pair<Parent, size_t>> reached_;
  std::pmr::vector<uint32_t> seen_;  // by node: in which search it was reached last
  uint32_t searches_ = 0;
  Lasso lasso_;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_FAIR_CYCLES_H_
