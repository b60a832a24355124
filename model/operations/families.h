// The families of operations: each file of this folder defines the rows of one, in the order of
// OpKind. operation.cc puts them together to the table.
#ifndef CSIM_MODEL_OPERATIONS_FAMILIES_H_
#define CSIM_MODEL_OPERATIONS_FAMILIES_H_

#include "model/operation.h"

namespace csim {

extern const OperationRow kThreadRows[9];     // kThreadCreate ... kProcessExit
extern const OperationRow kMutexRows[6];      // kMutexLock ... kMutexAbandon
extern const OperationRow kConditionRows[5];  // kCondWait ... kCondBroadcast
extern const OperationRow kRwLockRows[9];     // kReadLock ... kRwUnlock
extern const OperationRow kSemaphoreRows[5];  // kSemWait ... kSemGetValue
extern const OperationRow kBarrierRows[7];    // kBarrierWait ... kSpinUnlock (barrier, once, spin)
extern const OperationRow kFutexRows[3];      // kFutexWait ... kFutexWake
extern const OperationRow kProcessRows[12];   // kFork ... kPause
extern const OperationRow kMemoryRows[7];     // kAtomicLoad ... kPlainWrite
extern const OperationRow kMiscRows[7];       // kYield ... kDestroy
extern const OperationRow kChannelRows[10];   // kChannelRead ... kPollSignals
extern const OperationRow kNameRows[2];       // kNameLook, kNameChange
extern const OperationRow kExecRows[2];       // kExec, kExecThreaded
extern const OperationRow kIpcRows[5];        // kSemAdjust ... kFileUnlock

}  // namespace csim

#endif  // CSIM_MODEL_OPERATIONS_FAMILIES_H_
