// What orders the events of a recorded execution: happens-before by threads and locks, for explanations.
//
// The race detector has decided what races; this only says where the two sides last met. Atomic accesses are
// left out (a trace does not say their memory orders), so a meeting point by atomics may be missed.
#ifndef CSIM_CHECKER_EXPLANATION_TRACE_ORDER_H_
#define CSIM_CHECKER_EXPLANATION_TRACE_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/trace/trace.h"

namespace csim {

class TraceOrder {
 public:
  // Keeps a reference to the trace.
  explicit TraceOrder(const Trace& trace);

  // The last event that happens before (or is) both events, or none. Indexes of Trace::events.
  std::optional<size_t> LastCommon(size_t a, size_t b) const;

 private:
  using Clock = std::vector<uint32_t>;  // by task: so many of its events are known
  bool Knows(size_t event, size_t earlier) const;

  const Trace& trace_;
  std::vector<Clock> clocks_;     // after each event
  std::vector<uint32_t> number_;  // of each event in its task, from 1
};

}  // namespace csim

#endif  // CSIM_CHECKER_EXPLANATION_TRACE_ORDER_H_
