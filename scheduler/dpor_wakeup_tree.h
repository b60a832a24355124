// Wakeup trees (Abdulla, Aronis, Jonsson, Sagonas, "Source sets", JACM 2017, section 6): the
// sequences of steps that have to be explored from a point, so that none of them is in vain.
//
// A tree is the list of its branches in order of exploration, each a step with the tree below it.
// All trees of a search share one pool of nodes.
#ifndef CSIM_SCHEDULER_DPOR_WAKEUP_TREE_H_
#define CSIM_SCHEDULER_DPOR_WAKEUP_TREE_H_

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "scheduler/dpor_step.h"

namespace csim::dpor {

struct Branch {
  Step step;
  uint32_t depth = 0;  // below the root of the tree: 0, 1, ...
};

class WakeupTrees {
 public:
  using Tree = uint32_t;  // the first branch
  static constexpr Tree kEmpty = ~uint32_t{0};

  explicit WakeupTrees(std::pmr::memory_resource* memory) : nodes_(memory) {}

  // Adds `sequence`, which is used up, unless a sequence of the tree covers it.
  void Insert(Tree* tree, std::pmr::vector<Step>* sequence);
  // Whether Insert would add nothing.
  bool Covers(Tree tree, const std::pmr::vector<Step>& sequence) const;
  // Takes the first branch off; returns its step, and in `*below` the tree that follows it.
  // REQUIRES: the tree is not empty.
  Step PopFirst(Tree* tree, Tree* below);
  void Drop(Tree* tree);
  // Its first steps.
  uint32_t Count(Tree tree) const {
    uint32_t count = 0;
    for (; tree != kEmpty; tree = nodes_[tree].next) ++count;
    return count;
  }
  // The tree as a list, each branch followed by those below it, and back. Plant adds the branches of
  // the list at the end of the tree as they are.
  void List(Tree tree, std::pmr::vector<Branch>* list, uint32_t depth = 0) const;
  void Plant(Tree* tree, std::span<const Branch> list);
  void Clear();

 private:
  struct Node {
    Step step;
    Tree next = kEmpty;  // sibling; of a free node: the next free one
    Tree below = kEmpty;
  };

  bool Descend(Tree tree, std::pmr::vector<Step>* sequence, uint32_t* parent, uint32_t* last) const;
  uint32_t Allocate();
  void Free(uint32_t node);

  std::pmr::vector<Node> nodes_;
  uint32_t free_ = kEmpty;
};

}  // namespace csim::dpor

#endif  // CSIM_SCHEDULER_DPOR_WAKEUP_TREE_H_
