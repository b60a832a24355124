// How many preemptions an execution has: fewer are easier to understand.
#ifndef CSIM_CLI_PREEMPTIONS_H_
#define CSIM_CLI_PREEMPTIONS_H_

#include <cstdint>

#include "model/trace/trace.h"

namespace csim {

// The switches of the trace that took the turn from a task that could have gone on and did not give it
// up by itself (yield, sleep). 0 if the trace does not say how its tasks stood.
uint64_t PreemptionsOf(const Trace& trace);

}  // namespace csim

#endif  // CSIM_CLI_PREEMPTIONS_H_
