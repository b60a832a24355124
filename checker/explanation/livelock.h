// What the tasks of a livelock do, from the trace that goes round its cycle once.
#ifndef CSIM_CHECKER_EXPLANATION_LIVELOCK_H_
#define CSIM_CHECKER_EXPLANATION_LIVELOCK_H_

#include "model/trace/trace.h"

namespace csim {

// Fills in the finding's message and sides: what each task does in the cycle, each place once, task by task.
// Leaves findings without a cycle as they are.
void DescribeLivelock(const Trace& trace, Finding& finding);

// Whether each task of the cycle goes round a loop inside a library (std::lock takes locks, gives them back and tries
// again until it has all): the innermost function that stays on its stack all the time is not the program's.
bool IsLibraryLoop(const Trace& trace, const Finding& finding);

// Whether one task alone gets something done in the cycle, round after round, and the others only try (an exchange that
// finds what it puts, a lock that is taken): a lock that passes them over, which is starvation rather than a livelock.
bool OnlyOneGetsOn(const Trace& trace, const Finding& finding);

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_LIVELOCK_H_
