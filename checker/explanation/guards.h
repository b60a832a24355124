// Which lock guards a piece of memory, as far as one execution tells: "counter is guarded by m at 3 of 4 sites".
#ifndef CSIM_CHECKER_EXPLANATION_GUARDS_H_
#define CSIM_CHECKER_EXPLANATION_GUARDS_H_

#include <optional>
#include <vector>

#include "model/trace/trace.h"

namespace csim {

struct Guard {
  int lock = -1;                 // object
  size_t sites = 0;              // places in the source that use the memory while others could
  std::vector<Place> unguarded;  // those of them where the lock is not held each time
};

// The lock that is held at most of the places that access these bytes, if it is held at more than half of them, but not
// at all. REQUIRES: the trace has its accesses.
std::optional<Guard> MissedGuard(const Trace& trace, uint64_t granule, uint8_t mask);

// The bytes that a side of a finding accessed. None: they are not in the trace.
struct Bytes {
  uint64_t granule = 0;
  uint8_t mask = 0;
};
std::optional<Bytes> BytesOf(const Trace& trace, const Side& side);

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_GUARDS_H_
