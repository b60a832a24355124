#include "sim/runtime/racy_locations.h"

#include <cstring>

namespace csim {

uint32_t RacyLocations::HashOf(const LocationKey& key) {
  uint64_t h = (static_cast<uint64_t>(key.space) << 32 | key.a) * 0x9e3779b97f4a7c15;
  h = (h ^ key.b) * 0x9e3779b97f4a7c15;
  h = (h ^ key.offset) * 0x9e3779b97f4a7c15;
  return static_cast<uint32_t>(h >> 40) % kSlots;
}

uint32_t* RacyLocations::Probe(const Mapping* mapping, const LocationKey& key) {
  uint32_t slot = HashOf(key);
  while (slots_[slot] != 0 && !(mapping->racy[slots_[slot] - 1] == key)) slot = (slot + 1) % kSlots;
  return &slots_[slot];
}

void RacyLocations::Index(const Mapping* mapping) {
  while (indexed_ < mapping->control.racy_count) {
    *Probe(mapping, mapping->racy[indexed_]) = indexed_ + 1;
    ++indexed_;
  }
}

void RacyLocations::Forget() {
  memset(slots_, 0, sizeof slots_);
  indexed_ = 0;
  ++generation_;
}

void RacyLocations::Become(uint32_t generation) {
  if (generation_ == generation) return;
  Forget();
  generation_ = generation;
}

bool RacyLocations::Add(Mapping* mapping, const LocationKey& key) {
  Index(mapping);
  if (mapping->control.racy_count == kMaxRacy || *Probe(mapping, key) != 0) return false;
  mapping->racy[mapping->control.racy_count++] = key;
  Index(mapping);
  return true;
}

bool RacyLocations::Contains(const Mapping* mapping, const LocationKey& key, uint32_t active) {
  Index(mapping);
  const uint32_t position = *Probe(mapping, key);
  return position != 0 && position <= active;
}

}  // namespace csim
