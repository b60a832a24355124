// Addresses as locations: what they are instead of where they are.
#ifndef CSIM_SIM_RUNTIME_LOCATIONS_H_
#define CSIM_SIM_RUNTIME_LOCATIONS_H_

#include <cstdint>

#include "sim/mapping/mapping.h"
#include "sim/runtime/heap.h"

namespace csim {

// What lies at `address`, in the running execution. kUnknown for memory that csim does not know.
LocationKey LocationOf(uintptr_t address);

// The name of the task that allocated the block (TaskState::name).
uint64_t AllocatorOf(const Block& block);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_LOCATIONS_H_
