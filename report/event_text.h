// One step of a trace in a few words, as the columns of steps and the comparisons of executions show it.
#ifndef CSIM_REPORT_EVENT_TEXT_H_
#define CSIM_REPORT_EVENT_TEXT_H_

#include <string>

#include "model/trace/trace.h"

namespace csim {

// "lock m", "read ends (interrupted)", "connect server.c:23 (waits)". `event`: one of the trace.
std::string EventText(const Trace& trace, const TraceEvent& event);

}  // namespace csim

#endif  // CSIM_REPORT_EVENT_TEXT_H_
