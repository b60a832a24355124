// The runtime's end of what csim orders: takes parts of the search and leaves what came of them
// (sim/mapping/mapping.h says how the two talk). For the worker process, between executions.
#ifndef CSIM_SIM_RUNTIME_PARTS_H_
#define CSIM_SIM_RUNTIME_PARTS_H_

#include "sim/mapping/mapping.h"

namespace csim {

// Waits for the next part and prepares for it; returns at once in the middle of one.
void AwaitPart();

// Gives csim a copy of what was found so far, and of the strategy's state, if it asked for one.
void KeepPartIfWanted();

// The part is over; `finished`: the strategy wants no more. csim is told.
void EndPart(PartEnd end, bool finished);

// Wakes csim. To be called by any process.
void RingDoorbell();

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_PARTS_H_
