// What the future can depend on in the state of a machine, as a digest.
//
// Tasks that are not over with their pending operations, and objects: who has them, who waits in which order, how
// often. Not in it: how often something happened, where, what was looked at, and (unless timeouts depend on it)
// what time it is; nor objects that are as new, so that it makes no difference whether anybody has used them yet. Tasks
// and objects count as what they are (stable_keys.h), not by their number.
#ifndef CSIM_SCHEDULER_MACHINE_STATE_H_
#define CSIM_SCHEDULER_MACHINE_STATE_H_

#include "model/machine.h"
#include "scheduler/digest.h"
#include "scheduler/stable_keys.h"

namespace csim {

// REQUIRES: keys.See(machine) was called since the last task was added.
// Of programs without signals and further processes (Machine::exposed).
Digest StateOfMachine(const Machine& machine, const StableKeys& keys);

}  // namespace csim

#endif  // CSIM_SCHEDULER_MACHINE_STATE_H_
