// Which states a search has explored, and how far: for each the largest budget.
//
// A table of bounded size. When it is full, old entries make room for new ones: what is forgotten is
// explored again, nothing else.
#ifndef CSIM_SCHEDULER_EXPLORED_STATES_H_
#define CSIM_SCHEDULER_EXPLORED_STATES_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

namespace csim {

class ExploredStates {
 public:
  static constexpr size_t kMostEntries = size_t{1} << 20;

  explicit ExploredStates(std::pmr::memory_resource* memory, size_t most_entries = kMostEntries)
      : most_(most_entries), entries_(memory) {}

  // True if the state was explored with this budget or a larger one; if not, it counts as explored with
  // this one from now on. States are hashes; equal hashes count as equal states.
  bool Covers(uint64_t state, uint32_t budget);
  // The same question, without consequences.
  bool Has(uint64_t state, uint32_t budget) const;
  void Clear();

 private:
  static constexpr size_t kWays = 4;  // places where a state may lie, next to each other
  static constexpr size_t kFewest = 1024;

  struct Entry {
    uint64_t state = 0;  // 0: free
    uint32_t budget = 0;
  };

  // The first of the places of a state.
  size_t PlaceOf(uint64_t state) const { return state % (entries_.size() / kWays) * kWays; }
  void Insert(Entry entry);
  void Grow();

  size_t most_;
  size_t used_ = 0;
  size_t victim_ = 0;  // of the next entry that finds no room
  std::pmr::vector<Entry> entries_;
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_EXPLORED_STATES_H_
