// A schedule with fewer switches for the same bug, proposed from the trace that has it.
#ifndef CSIM_CHECKER_PREDICTION_SHORTER_H_
#define CSIM_CHECKER_PREDICTION_SHORTER_H_

#include <optional>
#include <vector>

#include "checker/prediction/fewest_switches.h"
#include "model/trace/trace.h"

namespace csim {

// Switches between tasks up to the first finding of the trace (all, if it has none).
uint32_t SwitchesOf(const Trace& trace);

// The order with the fewest switches in which the first finding of the trace should still occur: the tasks
// concerned do what they did, the others what is needed for it. None: the search gave up. REQUIRES: the trace has its
// accesses.
std::optional<std::vector<ScheduleStep>> ProposeShorter(const Trace& trace);

// The schedule of a trace, as tasks' blocks, with one block moved next to another of the same task, for each way to
// do that: what is left to try when the search gives up.
std::vector<std::vector<ScheduleStep>> MergedBlocks(const std::vector<ScheduleStep>& schedule);

// The choices of a trace's events `order`, as a schedule. (Plain accesses are no choices.)
std::vector<ScheduleStep> ScheduleOf(const Trace& trace, const History& history,
                                     const Order& order);

}  // namespace csim

#endif  // CSIM_CHECKER_PREDICTION_SHORTER_H_
