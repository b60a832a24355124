// A step of an execution as partial order reduction sees it: who, in which way, doing what.
//
// Numbers of tasks and objects are given in order of first use and so differ between executions; a
// step names them by what they are (dpor_names.h), so that steps of different executions compare.
#ifndef CSIM_SCHEDULER_DPOR_STEP_H_
#define CSIM_SCHEDULER_DPOR_STEP_H_

#include <cstdint>
#include <span>

#include "model/operation.h"

namespace csim::dpor {

struct Step {
  uint32_t task = 0;  // name
  uint32_t alternative = 0;
  ObjectId object = kNoObject;  // names
  ObjectId object2 = kNoObject;
  const ObjectUse* uses = nullptr;  // as in Operation, with names (UseTable)
  uint16_t use_count = 0;
  uint16_t bytes = 0xffff;    // of the object, that are touched
  uint16_t changes = 0xffff;  // of these
  uint8_t size = 0;           // as in Operation
  uint8_t offset = 0;
  OpKind kind = OpKind::kThreadStart;
  Spin spin = Spin::kNone;
  Footprint footprint = Footprint::kLocal;
  Footprint footprint2 = Footprint::kLocal;
  bool local = false;   // nobody else can notice it
  bool global = false;  // its order to everything else matters (a timeout in virtual time)
  bool rare = false;    // what it is dependent with is not only a matter of its objects
  bool weak = false;    // asleep, while somebody else still explores it
  Reach reach = {};     // processes by name

  friend bool operator==(const Step&, const Step&) = default;
};

// Makes the step one of this kind: its footprints follow. A compare-exchange that turns out to fail
// becomes a load.
inline void SetKind(Step& step, OpKind kind) {
  const OperationRow& row = RowOf(kind);
  step.kind = kind;
  step.footprint = row.footprint;
  step.footprint2 = row.footprint2;
  const bool row_local = row.footprint == Footprint::kLocal && row.footprint2 == Footprint::kLocal;
  step.rare = step.spin != Spin::kNone || kind == OpKind::kThreadCancel || step.use_count != 0 ||
              CommutesWithItself(kind) || (row_local && !step.local) ||
              step.reach.first != Reach::kNobody;
  step.bytes = step.size == 0 || step.size > 8
                   ? uint16_t{0xffff}
                   : static_cast<uint16_t>(((1u << step.size) - 1) << (step.offset & 7));
  const bool writes = row.footprint != Footprint::kRead || row.footprint2 == Footprint::kWrite;
  step.changes = static_cast<uint16_t>(
      ChangedBytes(kind, writes ? Footprint::kWrite : Footprint::kRead, step.bytes));
}

inline bool Clash(ObjectId a, Footprint fa, ObjectId b, Footprint fb) {
  if (a != b || a == kNoObject || fa == Footprint::kLocal || fb == Footprint::kLocal) return false;
  return fa == Footprint::kWrite || fb == Footprint::kWrite;
}

inline Operation OperationOf(const Step& step) {
  return {.kind = step.kind,
          .spin = step.spin,
          .size = step.size,
          .offset = step.offset,
          .use_count = step.use_count,
          .object = step.object,
          .object2 = step.object2,
          .uses = step.uses,
          .reach = step.reach};
}

// Calls visit(object, n) for each object that the step works on, the nth of them.
template <typename Visit>
void ForEachObject(const Step& step, Visit visit) {
  for (uint32_t i = 0; i < step.use_count; ++i) visit(step.uses[i].object, i);
  if (step.use_count != 0) return;
  if (step.object != kNoObject) visit(step.object, 0);
  if (step.object2 != kNoObject && step.object2 != step.object) visit(step.object2, 1);
}

// Whether the order of two steps of different tasks matters: csim::Dependent, for speed.
[[gnu::always_inline]] inline bool Dependent(const Step& a, const Step& b) {
  if (a.global || b.global) return true;
  if (a.local || b.local) return false;
  if (a.rare || b.rare) [[unlikely]]
    return csim::Dependent(OperationOf(a), OperationOf(b));
  if (a.footprint == Footprint::kGlobal || b.footprint == Footprint::kGlobal) return true;
  if (((a.bytes & b.changes) | (a.changes & b.bytes)) == 0) return false;
  return Clash(a.object, a.footprint, b.object, b.footprint) ||
         Clash(a.object, a.footprint, b.object2, b.footprint2) ||
         Clash(a.object2, a.footprint2, b.object, b.footprint) ||
         Clash(a.object2, a.footprint2, b.object2, b.footprint2);
}

// Two steps that read their only object: not dependent.
inline bool BothRead(const Step& a, const Step& b) {
  return a.footprint == Footprint::kRead && b.footprint == Footprint::kRead &&
         a.footprint2 == Footprint::kLocal && b.footprint2 == Footprint::kLocal && !a.rare &&
         !b.rare;
}

// Whether whatever touches the same bytes of `object` as `b` is dependent with `a`.
inline bool Covers(const Step& a, const Step& b, ObjectId object) {
  if (a.rare || (a.bytes & b.bytes) != b.bytes) return false;
  if ((a.changes & b.changes) != b.changes) return false;
  return (a.object == object && a.footprint == Footprint::kWrite) ||
         (a.object2 == object && a.footprint2 == Footprint::kWrite);
}

enum class Initial : uint8_t { kNo, kInside, kOutside };

// Whether `step`, which can be done now, is a weak initial of `sequence` (JACM 2017,
// definition 4.1): whether some execution begins with it and contains the sequence. kInside: as the
// step `*at` of it.
inline Initial WeakInitial(const Step& step, std::span<const Step> sequence, size_t* at) {
  for (size_t i = 0; i < sequence.size(); ++i) {
    const Step& other = sequence[i];
    if (other.task == step.task) {
      *at = i;
      return other.alternative == step.alternative ? Initial::kInside : Initial::kNo;
    }
    if (Dependent(step, other)) return Initial::kNo;
  }
  return Initial::kOutside;
}

// Whether a step that is asleep covers `sequence`: all that the sequence leads to is explored after the
// step. What begins with neither, but comes to something dependent with the step before the step, is
// found below the step and handed over to the others; but not if those are explored at the same time.
inline bool CoveredBy(const Step& sleeper, std::span<const Step> sequence) {
  size_t at = 0;
  const Initial initial = WeakInitial(sleeper, sequence, &at);
  return initial == Initial::kInside || (initial == Initial::kOutside && !sleeper.weak);
}

}  // namespace csim::dpor

#endif  // CSIM_SCHEDULER_DPOR_STEP_H_
