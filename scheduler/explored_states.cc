#include "scheduler/explored_states.h"

#include <algorithm>
#include <utility>

namespace csim {
namespace {

// 0 marks free entries.
uint64_t Usable(uint64_t state) { return std::max(state, uint64_t{1}); }

}  // namespace

bool ExploredStates::Has(uint64_t state, uint32_t budget) const {
  if (entries_.empty()) return false;
  state = Usable(state);
  const size_t place = PlaceOf(state);
  for (size_t i = place; i < place + kWays; ++i) {
    if (entries_[i].state == state) return entries_[i].budget >= budget;
  }
  return false;
}

bool ExploredStates::Covers(uint64_t state, uint32_t budget) {
  state = Usable(state);
  if (entries_.empty()) entries_.resize(std::min(kFewest, most_));
  const size_t place = PlaceOf(state);
  for (size_t i = place; i < place + kWays; ++i) {
    if (entries_[i].state != state) continue;
    if (entries_[i].budget >= budget) return true;
    entries_[i].budget = budget;
    return false;
  }
  if (used_ >= entries_.size() / 2 && entries_.size() < most_) Grow();
  Insert({state, budget});
  return false;
}

void ExploredStates::Insert(Entry entry) {
  const size_t place = PlaceOf(entry.state);
  for (size_t i = place; i < place + kWays; ++i) {
    if (entries_[i].state != 0) continue;
    entries_[i] = entry;
    ++used_;
    return;
  }
  entries_[place + victim_++ % kWays] = entry;
}

void ExploredStates::Grow() {
  std::pmr::vector<Entry> old(entries_.size() * 2, entries_.get_allocator());
  old.swap(entries_);
  used_ = 0;
  for (const Entry& entry : old) {
    if (entry.state != 0) Insert(entry);
  }
}

void ExploredStates::Clear() {
  std::fill(entries_.begin(), entries_.end(), Entry{});
  used_ = 0;
}

}  // namespace csim
