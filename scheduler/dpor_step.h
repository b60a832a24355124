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
  bool local = false;   // nobody else can notice it
  bool global = false;  // its order to everything else matters (a timeout in virtual time)
  Operation operation;  // objects are names
};

// Whether the order of two steps of different tasks matters.
inline bool Dependent(const Step& a, const Step& b) {
  if (a.global || b.global) return true;
  return !a.local && !b.local && csim::Dependent(a.operation, b.operation);
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

}  // namespace csim::dpor

#endif  // CSIM_SCHEDULER_DPOR_STEP_H_
