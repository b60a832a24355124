// 128-bit hashes of states, put together from pieces.
//
// What has an order (the fields of one thing) is added one after the other, what has none (the tasks, the words of memory) is
// joined: equal collections give equal digests in whatever order they are gone through.
#ifndef CSIM_SCHEDULER_DIGEST_H_
#define CSIM_SCHEDULER_DIGEST_H_

#include <cstdint>

#include "scheduler/hash.h"

namespace csim {

struct Digest {
  uint64_t a = 0;
  uint64_t b = 0x2545f4914f6cdd1d;

  void Add(uint64_t value) {
    a = Hash(a, value);
    b = Hash(b, value * 0x9fb21c651e98df25u + 1);
  }
  void Join(const Digest& other) {
    a += other.a;
    b += other.b;
  }
  // A number at a place, both arbitrary; as a digest of the two, but quicker.
  void JoinWord(uint64_t place, uint64_t value) {
    uint64_t x = (place + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u ^ value;
    x = (x ^ x >> 32) * 0xff51afd7ed558ccdu;
    a += x ^ x >> 29;
    uint64_t y = (value + 0xd1b54a32d192ed03u) * 0x94d049bb133111ebu ^ place;
    y = (y ^ y >> 31) * 0xc4ceb9fe1a85ec53u;
    b += y ^ y >> 30;
  }
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_DIGEST_H_
