// A process executes another program.
#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

OpResult Exec(Machine& m, TaskState& task, uint32_t) {
  const ObjectId parent = task.pending.object2;
  Release(m, task, m.process(task.process).object);
  m.ReplaceProgram(task);
  if (parent != kNoObject) m.NoteChange(parent);
  return {};
}

constexpr ObjectKind kProcess = ObjectKind::kProcess;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kWrite = Footprint::kWrite;
constexpr Footprint kGlobal = Footprint::kGlobal;

}  // namespace
}  // namespace operations

using namespace operations;

// Nobody else sees it, but for a parent that waits for it in vfork. With other threads it ends whatever
// they do: kGlobal.
const OperationRow kExecRows[2] = {
    {OpKind::kExec, "exec", kProcess, kWrite, kWrite, Always, Exec},
    {OpKind::kExecThreaded, "exec_threaded", kProcess, kGlobal, kLocal, Always, Exec},
};

}  // namespace csim
