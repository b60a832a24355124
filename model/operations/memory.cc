// Memory operations: the machine knows nothing of values, the access is done by the task itself.
#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

constexpr ObjectKind kNone = ObjectKind::kNone;
constexpr ObjectKind kMemory = ObjectKind::kMemory;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kRead = Footprint::kRead;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

// A compare-exchange that will fail only reads, but nobody knows that yet: kWrite. Once done it is
// known (KindAsDone). Executions are
// sequentially consistent, so that a fence does nothing that another task could notice: kLocal.
const OperationRow kMemoryRows[7] = {
    {OpKind::kAtomicLoad, "atomic_load", kMemory, kRead, kLocal, Always, NoEffect},
    {OpKind::kAtomicStore, "atomic_store", kMemory, kWrite, kLocal, Always, NoEffect},
    {OpKind::kAtomicRmw, "atomic_rmw", kMemory, kWrite, kLocal, Always, NoEffect},
    {OpKind::kAtomicCas, "atomic_cas", kMemory, kWrite, kLocal, Always, NoEffect},
    {OpKind::kFence, "fence", kNone, kLocal, kLocal, Always, NoEffect},
    {OpKind::kPlainRead, "plain_read", kMemory, kRead, kLocal, Always, NoEffect},
    {OpKind::kPlainWrite, "plain_write", kMemory, kWrite, kLocal, Always, NoEffect},
};

}  // namespace csim
