// What an execution did that might be a race or a deadlock in another order: pairs and cycles of events.
#ifndef CSIM_CHECKER_PREDICTION_CANDIDATES_H_
#define CSIM_CHECKER_PREDICTION_CANDIDATES_H_

#include <vector>

#include "checker/prediction/history.h"

namespace csim {

// Events that would have to stand next in their tasks at the same time.
using Candidate = std::vector<int>;

// Pairs of conflicting accesses by different tasks that hold no lock in common. Of each pair of places a few.
std::vector<Candidate> RaceCandidates(const History& history);

// Cycles of lock acquisitions: each task holds what the one before wants; no two of them hold a lock in
// common, and all are different tasks.
std::vector<Candidate> DeadlockCandidates(const History& history);

}  // namespace csim

#endif  // CSIM_CHECKER_PREDICTION_CANDIDATES_H_
