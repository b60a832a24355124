// The findings of an exploration, each kept once, and the outcomes (distinct outputs).
#ifndef CSIM_SIM_RUNTIME_FINDINGS_H_
#define CSIM_SIM_RUNTIME_FINDINGS_H_

#include <cstdint>

#include "model/finding_kind.h"
#include "model/ids.h"
#include "model/machine.h"
#include "sim/mapping/mapping.h"

namespace csim {

class Findings {
 public:
  // A finding of `kind` at the running task's present place; the caller fills in the rest and then
  // calls Commit. Null if the table is full.
  FindingRecord* Begin(FindingKind kind);
  // Keeps the record unless the same bug (same signature) is known already; then counts it. The
  // signature is made from the kind, the sites and `extra`.
  void Commit(FindingRecord* record, uint64_t extra);
  // Fills a record in as Begin does, without a place in the table.
  static void Fill(FindingKind kind, FindingRecord* record);
  // The largest `value` of `what` so far is kept, as a finding of `kind` that is no bug. `object` (may be
  // none) is measured by itself. The record, if it is the largest, else null.
  FindingRecord* Measure(FindingKind kind, const char* what, uint64_t value,
                         ObjectId object = kNoObject);
  // True if something new was committed in the running execution.
  bool seen_in_execution() const { return committed_ > 0 || raised_count_ > 0; }
  // True if a bug (not just a limit) was committed in it.
  bool bug_in_execution() const { return bugs_ > 0; }
  void BeginExecution();
  // What this execution has of known findings does not count: it only repeats another one.
  void ForgetRepetitions();
  // Gives the findings of this execution their schedule. `outcome`: how it ended.
  void EndExecution(Outcome outcome, uint64_t schedule_offset, uint32_t schedule_runs);

 private:
  static constexpr int kMaxPerExecution = 32;
  uint32_t committed_ = 0;  // new ones of this execution; they are the last in the table
  uint32_t repeated_ = 0;
  uint32_t raised_[kMaxPerExecution] = {};  // measures that were larger in this execution
  uint32_t raised_count_ = 0;
  uint32_t bugs_ = 0;                        // of the committed ones
  uint32_t repeats_[kMaxPerExecution] = {};  // known ones seen in this execution
};

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_FINDINGS_H_
