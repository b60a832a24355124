#include "scheduler/dpor_names.h"

#include <algorithm>

namespace csim::dpor {
namespace {

// Objects without a name keep their number; those with one come after all of these.
constexpr uint32_t kFirstNamed = uint32_t{1} << 30;
constexpr uint64_t kThreadBit = uint64_t{1} << 63;

}  // namespace

void Names::BeginExecution() {
  of_task_.clear();
  std::fill(task_of_.begin(), task_of_.end(), kNoTask);
  std::fill(born_.begin(), born_.end(), 0);
}

void Names::SeeTask(const Machine& machine) {
  const TaskId task{static_cast<uint16_t>(of_task_.size())};
  const TaskId parent = machine.task(task).parent;
  uint64_t key = ~uint64_t{0};
  if (parent != kNoTask) key = uint64_t{Of(parent)} << 32 | born_[Of(parent)]++;
  const auto [at, fresh] = children_.try_emplace(key, static_cast<uint32_t>(children_.size()));
  const uint32_t name = at->second;
  if (fresh) {
    task_of_.push_back(kNoTask);
    born_.push_back(0);
  }
  of_task_.push_back(name);
  task_of_[name] = task;
}

ObjectId Names::Of(const Machine& machine, ObjectId object) {
  if (object == kNoObject) return object;
  const ObjectState& state = machine.object(object);
  uint64_t name = state.name;
  if (state.kind == ObjectKind::kThread) {
    name = kThreadBit | Of(state.owner);
  } else if (name == 0) {
    return object;
  }
  const auto [at, fresh] = objects_.try_emplace(name, static_cast<uint32_t>(objects_.size()));
  return ObjectId{kFirstNamed + at->second};
}

}  // namespace csim::dpor
