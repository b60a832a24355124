// Real files on their way from one process to another (parcels.h): the kernel's own socket pair, which all processes
// of an execution have under the same hidden numbers, holds them as long as they are in no process.
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_TRANSIT_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_TRANSIT_H_

#include <cstdint>

namespace csim {

// Once per worker.
void MakeTransit();
// After an execution: what nobody took is closed.
void ClearTransit();
// The executed program keeps it.
void KeepTransitOnExec();

// The file behind `fd` waits under `number` from now on. False if there is no room.
bool PutInTransit(int fd, uint32_t number);
// The file of this number as a descriptor of the running task's process; `stays`: it can be taken again.
// Negative: errno.
int TakeFromTransit(uint32_t number, bool close_on_exec, bool stays);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_TRANSIT_H_
