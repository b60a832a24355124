// Keys of tasks and objects that are the same in every execution, process and machine: 64-bit hashes of
// what they are. A task is its parent's nth child; an object is what ObjectState::name says, a thread
// object its task.
#ifndef CSIM_SCHEDULER_STABLE_KEYS_H_
#define CSIM_SCHEDULER_STABLE_KEYS_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "model/machine.h"
#include "scheduler/hash.h"

namespace csim {

class StableKeys {
 public:
  explicit StableKeys(std::pmr::memory_resource* memory) : tasks_(memory), children_(memory) {}

  void BeginExecution() {
    tasks_.clear();
    children_.clear();
  }
  // Learns the tasks that are new in this execution. To be called before keys are asked for.
  void See(const Machine& machine) {
    while (tasks_.size() < machine.task_count()) {
      const TaskId task{static_cast<uint16_t>(tasks_.size())};
      const TaskId parent = machine.task(task).parent;
      tasks_.push_back(parent == kNoTask ? Hash(0, 0)
                                         : Hash(tasks_[Index(parent)], ++children_[Index(parent)]));
      children_.push_back(0);
    }
  }

  uint64_t Of(TaskId task) const { return tasks_[Index(task)]; }
  uint64_t Of(const Machine& machine, ObjectId object) const {
    const ObjectState& state = machine.object(object);
    if (state.kind == ObjectKind::kThread) return Hash(1, tasks_[Index(state.owner)]);
    return state.name != 0 ? Hash(2, state.name) : Hash(3, Index(object));
  }

 private:
  std::pmr::vector<uint64_t> tasks_;     // by TaskId
  std::pmr::vector<uint32_t> children_;  // by TaskId: seen so far
};

}  // namespace csim

#endif  // CSIM_SCHEDULER_STABLE_KEYS_H_
