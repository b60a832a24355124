// From which choice on an execution cannot come to anything but the bug; and the nearest execution that does
// not have it.
#ifndef CSIM_CLI_INEVITABLE_H_
#define CSIM_CLI_INEVITABLE_H_

#include "cli/shorten.h"

namespace csim {

// Sets found.trace.inevitable_step, and found.passing if there is one near. Explores all that can follow
// beginnings of the trace, as far as a small budget goes; leaves both as they are if it does not.
void FindInevitable(const FindingContext& context, FoundFinding& found);

// Sets found.sampled and sampled_times: how often executions with random choices have the finding. As many as
// a small budget allows.
void SampleFrequency(const FindingContext& context, FoundFinding& found);

}  // namespace csim

#endif  // CSIM_CLI_INEVITABLE_H_
