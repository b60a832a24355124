// The locations on which a race was seen: plain accesses to them are scheduling points.
//
// The list only grows, and the part that is in force is fixed while an execution runs, so that the
// same schedule means the same thing in a replay. It lies in the shared mapping; the index over it is
// rebuilt by each process.
#ifndef CSIM_SIM_RUNTIME_RACY_LOCATIONS_H_
#define CSIM_SIM_RUNTIME_RACY_LOCATIONS_H_

#include <cstdint>

#include "sim/mapping/mapping.h"

namespace csim {

class RacyLocations {
 public:
  // Adds the location unless it is known. False if it was known, or if the list is full.
  bool Add(Mapping* mapping, const LocationKey& key);
  // To be called when the list has become another one.
  void Forget();
  // How often that was done: the same in processes that have the same list, up to what they know of it.
  uint32_t generation() const { return generation_; }
  // For a process that becomes a copy of one of this generation (reuse.h).
  void Become(uint32_t generation);
  // True if `key` is among the first `active` locations.
  bool Contains(const Mapping* mapping, const LocationKey& key, uint32_t active);

 private:
  static constexpr uint32_t kSlots = kMaxRacy * 2;
  static uint32_t HashOf(const LocationKey& key);
  uint32_t* Probe(const Mapping* mapping, const LocationKey& key);
  void Index(const Mapping* mapping);

  uint32_t slots_[kSlots] = {};  // position + 1
  uint32_t indexed_ = 0;
  uint32_t generation_ = 0;
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_RACY_LOCATIONS_H_
