// A vector clock: for each slot (a place in the clocks, taken by one task after another) the latest
// clock of that slot that is known. Missing entries are 0, which is before everything.
//
// Clear() keeps the memory, so that a clock can be used again by the next execution.
#ifndef CSIM_MODEL_VECTOR_CLOCK_H_
#define CSIM_MODEL_VECTOR_CLOCK_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

namespace csim {

class VectorClock {
 public:
  explicit VectorClock(std::pmr::memory_resource* memory) : clocks_(memory) {}

  uint64_t Get(uint32_t slot) const { return slot < clocks_.size() ? clocks_[slot] : 0; }
  void Set(uint32_t slot, uint64_t clock) {
    if (slot >= clocks_.size()) clocks_.resize(slot + 1);
    clocks_[slot] = clock;
  }

  // Learns all that `other` knows.
  void Join(const VectorClock& other) {
    size_t size = other.clocks_.size();
    if (size > clocks_.size()) clocks_.resize(size);
    uint64_t* mine = clocks_.data();
    const uint64_t* theirs = other.clocks_.data();
    for (size_t i = 0; i < size; ++i) mine[i] = mine[i] < theirs[i] ? theirs[i] : mine[i];
  }

  // Becomes a copy of `other`.
  void Assign(const VectorClock& other) {
    clocks_.assign(other.clocks_.begin(), other.clocks_.end());
  }

  void Clear() { clocks_.clear(); }
  bool empty() const { return clocks_.empty(); }

 private:
  std::pmr::vector<uint64_t> clocks_;
};

}  // namespace csim

#endif  // CSIM_MODEL_VECTOR_CLOCK_H_
