// Races and deadlocks that one observed execution did not have, but another order of the same events has.
//
// From one trace: pairs of conflicting accesses that no lock keeps apart, and cycles in the order in which
// tasks take locks (not those of a single task, nor those under a common lock). For each, an order of the events that leads
// to it is looked for (feasible_order.h). What is found here is a proposal: only the program itself, run
// under the schedule, shows whether it happens.
#ifndef CSIM_CHECKER_PREDICTION_PREDICT_H_
#define CSIM_CHECKER_PREDICTION_PREDICT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "checker/prediction/feasible_order.h"
#include "model/trace/trace.h"

namespace csim {

enum class PredictedKind : uint8_t { kRace, kDeadlock };

// What leads there.
enum class PredictedBy : uint8_t {
  kLockOrderKept,  // operations on each lock stay in their order
  kAnyOrder,       // Z3 found an order
  kReadsFree,      // if what reads find in that order does not matter, which only a run can tell
  kNothing,        // Z3 gave up: there may be none
};

struct Prediction {
  PredictedKind kind = PredictedKind::kRace;
  PredictedBy by = PredictedBy::kNothing;
  // Of the race: the two accesses. Of the deadlock: where each task waits.
  std::vector<Side> sides;
  std::vector<int> objects;            // of the deadlock: what each waits for
  std::vector<ScheduleStep> schedule;  // leads to it; what comes after is free
};

struct PredictionLimits {
  size_t events = 20'000;    // of the trace that are looked at
  size_t candidates = 1000;  // pairs and cycles for which an order is looked for
  size_t guesses = 10;       // of these, that are tried with reads that find something else
  size_t queries = 20;       // of these, for which Z3 is asked
  unsigned budget = kQueryBudget;
};

struct Predictions {
  std::vector<Prediction> found;
  uint64_t considered = 0;  // candidates
  uint64_t impossible = 0;  // of these, no order leads there
  uint64_t skipped = 0;     // candidates beyond the limits
};

// REQUIRES: the trace has its accesses.
Predictions Predict(const Trace& trace, const PredictionLimits& limits = {});

}  // namespace csim

#endif  // CSIM_CHECKER_PREDICTION_PREDICT_H_
