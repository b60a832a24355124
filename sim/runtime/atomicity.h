// Atomic blocks of the program (include/csim/atomic_block.h): what they and others do is told to the checker of
// serialisability (checker/serializability.h), from the first block of an execution on.
#ifndef CSIM_SIM_RUNTIME_ATOMICITY_H_
#define CSIM_SIM_RUNTIME_ATOMICITY_H_

#include <cstdint>

#include "model/operation.h"

namespace csim {

void EnterAtomicBlock();
void LeaveAtomicBlock();

// The running task has made this access, after the race detector was told of it. REQUIRES: a block was
// entered (Shared::serializability.on()). Ends the execution if no serial order is left.
void NoteAtomicity(uint64_t granule, uint8_t mask, bool writes, SiteId site, StackId stack);
// It has performed this operation of the machine.
void NoteAtomicity(const Operation& operation, const OpResult& result);
// What lay there is gone.
void ForgetAtomicity(uintptr_t begin, uintptr_t end);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_ATOMICITY_H_
