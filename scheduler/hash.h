// One step of a 64-bit hash: what was hashed so far with one more number.
#ifndef CSIM_SCHEDULER_HASH_H_
#define CSIM_SCHEDULER_HASH_H_

#include <cstdint>

namespace csim {

constexpr uint64_t Hash(uint64_t so_far, uint64_t value) {
  uint64_t x = (so_far + 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu ^ value;
  x = (x ^ x >> 32) * 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 29;
}

}  // namespace csim

#endif  // CSIM_SCHEDULER_HASH_H_
