// Names of what processes share: memory objects, semaphores, files.
//
// What a name stands for is not the machine's business: the operating system, or the runtime, knows. Here
// is only who depends on whom, and who learns what: whoever finds that a name was made, removed or moved
// knows all that was known to who did that.
#include "model/operations/common.h"
#include "model/operations/families.h"

namespace csim {
namespace operations {
namespace {

OpResult Look(Machine& m, TaskState& task, uint32_t) {
  Acquire(m, task, task.pending.object);
  return {};
}

OpResult Change(Machine& m, TaskState& task, uint32_t) {
  const bool in_vain = task.pending.argument != 0;
  for (ObjectId name : {task.pending.object, task.pending.object2}) {
    if (name == kNoObject) continue;
    Acquire(m, task, name);
    if (in_vain) continue;
    m.NoteChange(name);
    Release(m, task, name);
  }
  return {.value = in_vain ? 0 : 1};
}

constexpr ObjectKind kName = ObjectKind::kName;
constexpr Footprint kLocal = Footprint::kLocal;
constexpr Footprint kRead = Footprint::kRead;
constexpr Footprint kWrite = Footprint::kWrite;

}  // namespace
}  // namespace operations

using namespace operations;

// Each name is an object of its own: whatever is done to different names commutes. An attempt in vain
// only looks, but nobody knows that before: kWrite.
const OperationRow kNameRows[2] = {
    {OpKind::kNameLook, "name_look", kName, kRead, kLocal, Always, Look},
    {OpKind::kNameChange, "name_change", kName, kWrite, kWrite, Always, Change},
};

}  // namespace csim
