// Addresses as locations: what they are instead of where they are.
#ifndef CSIM_SIM_RUNTIME_LOCATIONS_H_
#define CSIM_SIM_RUNTIME_LOCATIONS_H_

#include <cstdint>

#include "sim/mapping/mapping.h"

namespace csim {

// What lies at `address`, in the running execution. kUnknown for memory that csim does not know.
LocationKey LocationOf(uintptr_t address);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_LOCATIONS_H_
