#include "scheduler/dpor_wakeup_tree.h"

namespace csim::dpor {

uint32_t WakeupTrees::Allocate() {
  if (free_ == kEmpty) {
    nodes_.emplace_back();
    return static_cast<uint32_t>(nodes_.size() - 1);
  }
  const uint32_t node = free_;
  free_ = nodes_[node].next;
  return node;
}

void WakeupTrees::Free(uint32_t node) {
  nodes_[node].next = free_;
  free_ = node;
}

void WakeupTrees::Clear() {
  nodes_.clear();
  free_ = kEmpty;
}

// Goes down the tree with `sequence`, what it has in common with the path taken off. True if the tree
// covers it; otherwise it belongs behind branch `*last` of the list below `*parent` (kEmpty: before the
// first branch; the root).
bool WakeupTrees::Descend(Tree tree, std::pmr::vector<Step>* sequence, uint32_t* parent,
                          uint32_t* last) const {
  uint32_t at = tree;
  *parent = *last = kEmpty;
  while (at != kEmpty) {
    size_t position = 0;
    const Initial initial = WeakInitial(nodes_[at].step, *sequence, &position);
    if (initial == Initial::kNo) {
      *last = at;
      at = nodes_[at].next;
      continue;
    }
    if (initial == Initial::kInside) {
      sequence->erase(sequence->begin() + static_cast<ptrdiff_t>(position));
    }
    if (nodes_[at].below == kEmpty || sequence->empty()) return true;
    *parent = at;
    *last = kEmpty;
    at = nodes_[at].below;
  }
  return false;
}

bool WakeupTrees::Covers(Tree tree, const std::pmr::vector<Step>& sequence) const {
  uint32_t parent = kEmpty;
  uint32_t last = kEmpty;
  if (tree == kEmpty) return false;
  std::pmr::vector<Step> rest(sequence, sequence.get_allocator());
  return Descend(tree, &rest, &parent, &last);
}

void WakeupTrees::Insert(Tree* tree, std::pmr::vector<Step>* sequence) {
  uint32_t parent = kEmpty;
  uint32_t last = kEmpty;
  if (Descend(*tree, sequence, &parent, &last)) return;
  for (const Step& step : *sequence) {
    const uint32_t node = Allocate();
    nodes_[node] = {step, kEmpty, kEmpty};
    if (last != kEmpty) {
      nodes_[last].next = node;
    } else {
      (parent == kEmpty ? *tree : nodes_[parent].below) = node;
    }
    parent = node;
    last = kEmpty;
  }
}

Step WakeupTrees::PopFirst(Tree* tree, Tree* below) {
  const uint32_t node = *tree;
  *tree = nodes_[node].next;
  *below = nodes_[node].below;
  Free(node);
  return nodes_[node].step;
}

void WakeupTrees::Drop(Tree* tree) {
  while (*tree != kEmpty) {
    Tree below = kEmpty;
    PopFirst(tree, &below);
    Drop(&below);
  }
}

void WakeupTrees::List(Tree tree, std::pmr::vector<Branch>* list, uint32_t depth) const {
  for (uint32_t at = tree; at != kEmpty; at = nodes_[at].next) {
    list->push_back({nodes_[at].step, depth});
    List(nodes_[at].below, list, depth + 1);
  }
}

void WakeupTrees::Plant(Tree* tree, std::span<const Branch> list) {
  uint32_t last = *tree;
  while (last != kEmpty && nodes_[last].next != kEmpty) last = nodes_[last].next;
  for (size_t i = 0; i < list.size();) {
    size_t end = i + 1;
    while (end < list.size() && list[end].depth > list[i].depth) ++end;
    const uint32_t node = Allocate();
    nodes_[node] = {list[i].step, kEmpty, kEmpty};
    Tree below = kEmpty;
    Plant(&below, list.subspan(i + 1, end - i - 1));
    nodes_[node].below = below;
    (last == kEmpty ? *tree : nodes_[last].next) = node;
    last = node;
    i = end;
  }
}

}  // namespace csim::dpor
