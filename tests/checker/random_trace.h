// Random observed executions for the tests of prediction: tasks that lock, unlock, read and write, run in a
// random order that locks allow.
#ifndef CSIM_TESTS_CHECKER_RANDOM_TRACE_H_
#define CSIM_TESTS_CHECKER_RANDOM_TRACE_H_

#include <random>

#include "model/trace/trace.h"

namespace csim {

struct RandomTraceShape {
  int tasks = 3;  // beside main, which starts them
  int steps = 5;  // of each
  int locks = 2;
  int variables = 2;  // of a byte each; some share a granule
};

// The trace has its events, accesses and objects, as csim records them.
Trace RandomTrace(std::mt19937& random, const RandomTraceShape& shape);

}  // namespace csim

#endif  // CSIM_TESTS_CHECKER_RANDOM_TRACE_H_
