// An optimal exploration in parts: subtrees that are explored independently of each other.
//
// Each part owns the points of its path from its root on. The points above are shared: they are kept
// here, each with the steps that were taken from it so far and the branches that nobody explores yet.
// What a part finds to be explored from a point above its root comes back with its state and is put into
// the tree of that point, unless a step taken from there covers it. (A part that has found much comes
// back early: once others know of it, it need not be found again.)
//
// Every trace is explored once, whatever the order. But subtrees explored at the same time cannot tell
// each other everything in time: what one of them finds for another comes too late there. So a step
// taken by somebody else covers only sequences that contain it (dpor::CoveredBy), as in Source-DPOR,
// whose branches need not know of each other; and like there, an execution may turn out to be in vain
// now and then. With one part at a time that does not happen.
//
// How many executions there will be is estimated as Knuth does (Mathematics of Computation 29, 1975),
// but from the tree as far as it is known (Kilby et al., AAAI 2006): the branches of a point are taken to
// be alike, so that what is explored is a known part of the whole. Branches still to be found are not
// in it: at first the estimate is too low, and it states as its error how far it has moved.
//
// There are at most Sizes::parts subtrees at a time: a new one comes from the deepest shared point that
// has a branch left, else from cutting the one whose first branch is the shallowest. So the memory is
// that of so many paths.
#ifndef CSIM_SCHEDULER_DPOR_FRONTIER_H_
#define CSIM_SCHEDULER_DPOR_FRONTIER_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "scheduler/dpor_state.h"
#include "scheduler/frontier.h"

namespace csim {

class DporFrontier final : public Frontier {
 public:
  struct Sizes {
    size_t parts = 16;
    // Executions of a part in the first round, which has one part: what is done in a moment is not cut.
    uint64_t first = 4096;
    uint64_t most = 8192;  // of a part in the later rounds: doubled with each round up to this
  };

  DporFrontier() : DporFrontier(Sizes{}) {}
  explicit DporFrontier(const Sizes& sizes);

  std::vector<Part> NextRound() override;
  void Return(size_t part, PartResult result) override;
  bool complete() const override { return started_ && units_.empty() && complete_; }
  bool bounded() const override { return bounded_; }
  std::optional<TotalEstimate> estimate() const override;
  void Restart() override;
  std::string Save() const override;
  bool Load(std::string_view state) override;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Node {  // a shared point
    explicit Node(std::pmr::memory_resource* memory) : sleep(memory) {}

    bool used = false;
    uint32_t parent = kNone;
    uint32_t depth = 0;
    uint32_t below = 0;                  // nodes and units that hang from it
    uint32_t own = 0;                    // steps taken from it
    dpor::Step step;                     // from its parent to it
    std::pmr::vector<dpor::Step> sleep;  // with those that were taken
    dpor::WakeupTrees::Tree branches = dpor::WakeupTrees::kEmpty;
  };

  struct Unit {             // a subtree that is being explored
    uint32_t node = kNone;  // the last shared point above its root
    dpor::Subtree subtree;
  };

  void EndRound();
  void Estimate();
  double ExploredOf(const Unit& unit) const;
  double ShareOf(uint32_t node) const;
  uint32_t PendingAt(const Node& node) const;
  void TakeBack(Unit& unit);
  void Refresh(Unit& unit) const;
  void Fill();
  uint32_t DeepestPending() const;
  bool TakeBranch();
  bool Cut();
  void CutAt(size_t unit, uint32_t depth);
  uint32_t NewNode(uint32_t parent, const dpor::Step& step);
  void LetGo(uint32_t node);
  static void PutToSleep(Node& node, const dpor::Step& step);

  Sizes sizes_;
  std::pmr::memory_resource* memory_;
  dpor::Names names_;
  dpor::WakeupTrees trees_;
  std::deque<Node> nodes_;
  std::vector<Unit> units_;
  std::vector<PartResult> results_;  // of the present round
  size_t returned_ = 0;
  uint64_t executions_ = 0;        // of a part
  uint64_t run_ = 0;               // executions so far
  std::vector<double> estimates_;  // after the last rounds, of the total
  bool started_ = false;
  bool complete_ = true;
  bool bounded_ = false;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_DPOR_FRONTIER_H_
