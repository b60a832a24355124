// Says in sentences why a finding could happen, from the trace that has it.
//
//   data race   where the two sides last met, and what is missing between there and the accesses; the lock that
//               guards the memory everywhere else
//   deadlock    the order of locking that would avoid it
//   lost wake-up  the notify that came too early
#ifndef CSIM_CHECKER_EXPLANATION_EXPLAIN_H_
#define CSIM_CHECKER_EXPLANATION_EXPLAIN_H_

#include <string>
#include <vector>

#include "model/trace/trace.h"

namespace csim {

// About the first finding of the trace; empty if there is nothing to say. REQUIRES: the trace has its accesses.
std::vector<std::string> Explain(const Trace& trace);

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_EXPLAIN_H_
