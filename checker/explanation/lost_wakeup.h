// Waits for a notify that had come before: which it was.
#ifndef CSIM_CHECKER_EXPLANATION_LOST_WAKEUP_H_
#define CSIM_CHECKER_EXPLANATION_LOST_WAKEUP_H_

#include <cstddef>
#include <optional>

#include "model/trace/trace.h"

namespace csim {

struct LostWakeup {
  size_t notify = 0;  // index of the event that woke nobody
  size_t wait = 0;    // of the wait that began after it, and never ended
  int object = -1;    // the condition variable
};

// Of a deadlock in which nobody holds what a task waits for at a condition variable: the last notify
// that came before that wait and found nobody. None: there was none, or the deadlock is of another sort.
std::optional<LostWakeup> FindLostWakeup(const Trace& trace, const Finding& deadlock);

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_LOST_WAKEUP_H_
