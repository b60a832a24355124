// Advice: memory that one lock guards at all sites but a few, where something else orders the accesses so far.
//
// What Savage et al. ("Eraser", TOCS 1997) call a breach of the locking discipline. It is no bug: of the same
// memory a data race is reported if there is one. It is worth a look, since the next change can make it one.
#ifndef CSIM_CHECKER_EXPLANATION_UNGUARDED_H_
#define CSIM_CHECKER_EXPLANATION_UNGUARDED_H_

#include <vector>

#include "model/trace/trace.h"

namespace csim {

// One finding of kind "unguarded" for each such variable, a side for each site without the lock. Memory that is
// used by one task only, never written while others are there, or accessed by atomic operations is left out.
// REQUIRES: the trace has its accesses.
std::vector<Finding> FindUnguarded(const Trace& trace);

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_UNGUARDED_H_
