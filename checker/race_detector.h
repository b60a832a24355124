// Data races of the running execution, by happens-before: exact and online.
//
// A location has a race in this execution if and only if a race on it is reported: two conflicting
// accesses to common bytes, not both atomic, that nothing orders. Like FastTrack (Flanagan, Freund,
// PLDI 2009) it remembers one write and one read per granule, as epochs in the shadow cell, as long
// as that is enough, and unlike it a list of accesses where it is not; it forgets nothing that
// could still race. After the first race on a granule it goes on and finds the other pairs of sites
// too.
//
// The instrumented code does not call it for an access whose bytes its task has already accessed in
// the same epoch (csim_abi.h); shadow_cell.h says which cells exclude that.
// Accesses wider than a granule are split by the caller.
#ifndef CSIM_CHECKER_RACE_DETECTOR_H_
#define CSIM_CHECKER_RACE_DETECTOR_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "checker/access_history.h"
#include "checker/happens_before.h"
#include "checker/race.h"
#include "checker/shadow_cell.h"
#include "model/ids.h"
#include "model/operation.h"

namespace csim {

// One access to bytes of one granule.
struct Access {
  uint64_t granule =
      0;             // address of the granule, whatever mapping makes it unique; a multiple of 8
  uint8_t mask = 0;  // which of its bytes
  AccessKind kind = AccessKind::kPlainRead;
  TaskId task = kNoTask;
  SiteId site = kNoSite;
  StackId stack = kNoStack;
};

// One access by an atomic instruction. Of 16 bytes: `cell` has a right neighbour, `mask` 16 bits.
struct AtomicAccess {
  ShadowCell* cell = nullptr;
  uint64_t granule = 0;
  uint16_t mask = 0;
  TaskId task = kNoTask;
  ObjectId object = kNoObject;
  SiteId site = kNoSite;
  StackId stack = kNoStack;
};

class RaceDetector final : public HappensBefore {
 public:
  RaceDetector(std::pmr::memory_resource* memory, RaceSink* sink);

  void BeginExecution();

  // The task is about to make this access. Poisoned cells are left alone.
  void OnAccess(ShadowCell& cell, const Access& access);

  // An atomic instruction: its happens-before edges and its access. A store that fails to happen
  // (compare-exchange) is a load with the failure order.
  void AtomicLoad(const AtomicAccess& access, MemoryOrder order);
  void AtomicStore(const AtomicAccess& access, MemoryOrder order);
  void AtomicRmw(const AtomicAccess& access, MemoryOrder order);
  void AtomicCas(const AtomicAccess& access, bool success, MemoryOrder order,
                 MemoryOrder failure_order);

  // Calls visit(task) for each write to the granule in this execution that is remembered.
  template <typename Visit>
  void ForEachWriter(const ShadowCell& cell, uint64_t granule, Visit visit);

  // The cell becomes a racy one; what is known of the granule is kept.
  void MakeRacy(ShadowCell& cell, uint64_t granule);

 private:
  using History = AccessHistories::History;

  // What has been reported lately; a repetition is not reported again.
  struct Reported {
    uint64_t stamp = 0;
    uint64_t granule = 0;
    SiteId prior_site = kNoSite;
    SiteId current_site = kNoSite;
    uint8_t kinds = 0;
  };

  bool IsLive(uint64_t epoch) const { return ClockOfEpoch(epoch) >= base(); }
  bool WriteStaysSimple(ShadowCell& cell, const Access& access, uint64_t epoch);
  bool ReadStaysSimple(ShadowCell& cell, const Access& access, uint64_t epoch);
  void OnGeneralAccess(ShadowCell& cell, const Access& access, uint64_t epoch);
  History& HistoryOf(ShadowCell& cell, uint64_t granule);
  void Update(History& history, const AccessRecord& now, const Access& access);

  void RememberRead(ShadowCell& cell, const Access& access, uint64_t epoch);
  void Simplify(ShadowCell& cell);
  void Report(const AccessRecord& prior, const Access& access);
  void OnAtomicAccess(const AtomicAccess& access, AccessKind kind);

  RaceSink* sink_;
  uint64_t execution_ = 0;
  AccessHistories histories_;
  std::pmr::vector<Reported> reported_;
};

template <typename Visit>
void RaceDetector::ForEachWriter(const ShadowCell& cell, uint64_t granule, Visit visit) {
  const CellMark mark = MarkOf(cell);
  if (mark == CellMark::kNone) {
    if (IsLive(cell.write)) visit(TaskOfEpoch(cell.write));
    return;
  }
  if (IsPoisoned(cell) || !histories_.Owns(PayloadOf(cell), granule)) return;
  for (uint32_t at = histories_.at(PayloadOf(cell)).first; at != 0;) {
    const AccessRecord& record = histories_.record(at);
    if (IsWrite(record.kind)) visit(TaskOfEpoch(record.epoch));
    at = record.next;
  }
}

}  // namespace csim

#endif  // CSIM_CHECKER_RACE_DETECTOR_H_
