// A trace for race detectors: a list of events, written down or random; and a naive detector that
// says which pairs of its accesses race, from the full happens-before relation.
#ifndef CSIM_TESTS_CHECKER_RACE_TRACE_H_
#define CSIM_TESTS_CHECKER_RACE_TRACE_H_

#include <cstdint>
#include <ostream>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "checker/race.h"
#include "model/operation.h"

namespace csim {

enum class EventKind {
  kRead,
  kWrite,
  kLoad,
  kStore,
  kRmw,
  kFence,
  kAcquire,
  kRelease,
  kReleaseShared,
  kAcquireAll,
  kFork,
  kEnd,
  kJoin,
  kCount
};

struct RaceEvent {
  EventKind kind = EventKind::kRead;
  int task = 0;
  int target = 0;  // accesses: granule; atomics: granule; locks: lock; fork, join: the other task
  uint8_t mask = 0xff;  // accesses
  MemoryOrder order = MemoryOrder::kSeqCst;
  int site = 0;
};
using RaceTrace = std::vector<RaceEvent>;

inline constexpr int kTraceGranules = 4;
inline constexpr int kTraceLocks = 3;

void PrintTo(const RaceEvent& event, std::ostream* os);

bool IsAccess(EventKind kind);
bool IsAtomicEvent(EventKind kind);
AccessKind AccessKindOf(EventKind kind);

// Granule, sites and kinds of prior and current access.
using RacePair = std::tuple<int, int, AccessKind, int, AccessKind>;
struct NaiveRaces {
  std::set<RacePair> pairs;
  // By granule: the first event that races with an earlier one; -1: none.
  std::vector<int> first = std::vector<int>(kTraceGranules, -1);
};
NaiveRaces FindRacesNaively(const RaceTrace& trace);

struct TraceShape {
  int events = 40;
  int max_tasks = 5;         // at a time
  int sync_percent = 40;     // how many of the events are no plain accesses
  bool relaxed = true;       // all memory orders
  bool unique_sites = true;  // else few sites are shared by all
};
RaceTrace MakeRandomTrace(std::mt19937_64& random, const TraceShape& shape);

}  // namespace csim

#endif  // CSIM_TESTS_CHECKER_RACE_TRACE_H_
