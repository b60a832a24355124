// The accesses to one granule that a later access can race with, for granules where the two fields
// of a shadow cell are not enough: mixed sizes, several readers, atomics, races already seen.
//
// A new access makes an older one superfluous if it comes after it in happens-before, covers its
// bytes, and conflicts with everything that the older one conflicts with: whatever will race with
// the older one will race with the new one too. What remains is at most a few accesses per task.
// Once a race was seen, accesses of different sites stay apart, so that each pair of sites is
// found.
//
// All histories of an execution come from one pool, which is emptied at once between executions.
#ifndef CSIM_CHECKER_ACCESS_HISTORY_H_
#define CSIM_CHECKER_ACCESS_HISTORY_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "checker/race.h"
#include "checker/shadow_cell.h"
#include "model/ids.h"

namespace csim {

// One access as remembered.
struct AccessRecord {
  uint64_t epoch = 0;  // with the mask of the access
  SiteId site = kNoSite;
  StackId stack = kNoStack;
  AccessKind kind = AccessKind::kPlainRead;
  uint32_t next = 0;  // 1 + index in the pool; 0: none
};

// True if everything that conflicts with `old` conflicts with `now` too.
constexpr bool Outweighs(AccessKind now, AccessKind old) {
  if (now == AccessKind::kPlainWrite || now == old) return true;
  return old == AccessKind::kAtomicRead;
}

// True if `old`, known to the one who does `now`, need not be remembered any longer.
constexpr bool Supersedes(const AccessRecord& now, const AccessRecord& old, bool keep_sites) {
  if ((MaskOfEpoch(old.epoch) & ~MaskOfEpoch(now.epoch)) != 0) return false;
  if (keep_sites) return now.kind == old.kind && now.site == old.site;
  return Outweighs(now.kind, old.kind);
}

class AccessHistories {
 public:
  struct History {
    uint64_t granule = 0;
    uint32_t first = 0;       // 1 + index of a record; 0: none
    bool keep_sites = false;  // a race was seen here, or somebody wants to see all
  };

  explicit AccessHistories(std::pmr::memory_resource* memory)
      : histories_(memory), records_(memory) {}

  // Forgets everything, keeps the memory.
  void Clear();

  // A new empty history; its number fits the payload of a cell.
  uint64_t Add(uint64_t granule, bool keep_sites);
  // Gives back its records and the history.
  void Remove(uint64_t number);
  // True if `number`, read from a cell, is the history of `granule` in this execution.
  bool Owns(uint64_t number, uint64_t granule) const {
    return number < histories_used_ && histories_[number].granule == granule;
  }
  History& at(uint64_t number) { return histories_[number]; }

  AccessRecord& record(uint32_t reference) { return records_[reference - 1]; }
  void Push(History& history, const AccessRecord& record);
  // Takes out the record that `link` refers to; `link` then refers to the one after it.
  void Unlink(uint32_t& link);

 private:
  std::pmr::vector<History> histories_;
  std::pmr::vector<AccessRecord> records_;
  size_t histories_used_ = 0;
  size_t records_used_ = 0;
  uint32_t free_records_ = 0;             // list through AccessRecord::next
  uint64_t free_histories_ = kNoHistory;  // list through History::granule
};

}  // namespace csim

#endif  // CSIM_CHECKER_ACCESS_HISTORY_H_
