// What a data race is, and who is told of it.
#ifndef CSIM_CHECKER_RACE_H_
#define CSIM_CHECKER_RACE_H_

#include <cstdint>

#include "model/ids.h"

namespace csim {

enum class AccessKind : uint8_t { kPlainRead, kPlainWrite, kAtomicRead, kAtomicWrite };

constexpr bool IsWrite(AccessKind kind) {
  return kind == AccessKind::kPlainWrite || kind == AccessKind::kAtomicWrite;
}
constexpr bool IsAtomic(AccessKind kind) {
  return kind == AccessKind::kAtomicRead || kind == AccessKind::kAtomicWrite;
}
// Two accesses to one location conflict if one is a write and they are not both atomic.
constexpr bool Conflict(AccessKind a, AccessKind b) {
  return (IsWrite(a) || IsWrite(b)) && !(IsAtomic(a) && IsAtomic(b));
}

struct RaceAccess {
  TaskId task = kNoTask;
  AccessKind kind = AccessKind::kPlainRead;
  uint8_t mask = 0;  // bytes of the granule
  SiteId site = kNoSite;
  StackId stack = kNoStack;
};

// Two conflicting accesses to common bytes that nothing orders.
struct Race {
  uint64_t granule = 0;  // address of the 8 bytes, as given to the detector
  RaceAccess prior;      // the one that was done first in this execution
  RaceAccess current;    // the one that is being done
};

class RaceSink {
 public:
  virtual ~RaceSink() = default;
  // Called before the current access is done, mostly once per granule and pair of sites and kinds
  // in an execution (a few repetitions can occur).
  virtual void OnRace(const Race& race) = 0;
};

}  // namespace csim

#endif  // CSIM_CHECKER_RACE_H_
