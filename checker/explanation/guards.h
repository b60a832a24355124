// Which lock guards a piece of memory, as far as one execution tells: "counter is guarded by m at 3 of 4 sites".
#ifndef CSIM_CHECKER_EXPLANATION_GUARDS_H_
#define CSIM_CHECKER_EXPLANATION_GUARDS_H_

#include <optional>
#include <string>
#include <vector>

#include "model/trace/trace.h"

namespace csim {

struct Guard {
  int lock = -1;                 // object
  size_t sites = 0;              // places in the source that use the memory while others could
  std::vector<Place> unguarded;  // those of them where the lock is not held each time
  std::vector<const TraceAccess*> accesses;  // one without it for each of these
};

// The lock that is held at most of the places of these accesses of the trace, if it is held at more than half of them,
// but not at all.
std::optional<Guard> MissedGuard(const Trace& trace,
                                 const std::vector<const TraceAccess*>& accesses);
// The same for all accesses to these bytes. REQUIRES: the trace has its accesses.
std::optional<Guard> MissedGuard(const Trace& trace, uint64_t granule, uint8_t mask);

// "counter is guarded by `m` at 3 of 4 sites, not at a.cpp:7 (reset)."; `variable` may be empty.
std::string GuardSentence(const Trace& trace, const Guard& guard, const std::string& variable);

// Whether tasks other than its own were there at the time of the access.
bool OthersAreThere(const Trace& trace, const TraceAccess& a);

// The bytes that a side of a finding accessed. None: they are not in the trace.
struct Bytes {
  uint64_t granule = 0;
  uint8_t mask = 0;
};
std::optional<Bytes> BytesOf(const Trace& trace, const Side& side);

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_GUARDS_H_
