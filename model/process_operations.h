// Operations on processes, put together for Machine::SetPending; more of them are members of Machine.
#ifndef CSIM_MODEL_PROCESS_OPERATIONS_H_
#define CSIM_MODEL_PROCESS_OPERATIONS_H_

#include "model/machine.h"

namespace csim {

// kWaitProcess or (unless `waits`) kTryWaitProcess of `task` for children of its process. A wait for one of
// them has nothing to do with what becomes of the others.
Operation WaitOf(Machine& machine, TaskId task, const ProcessFilter& filter, bool waits);

}  // namespace csim

#endif  // CSIM_MODEL_PROCESS_OPERATIONS_H_
