// Names of tasks and objects that are the same in every execution, as small dense numbers.
//
// A task is named by its parent and how manieth child it is; an object by ObjectState::name, a
// thread object by its task.
#ifndef CSIM_SCHEDULER_DPOR_NAMES_H_
#define CSIM_SCHEDULER_DPOR_NAMES_H_

#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "model/machine.h"

namespace csim::dpor {

class Names {
 public:
  explicit Names(std::pmr::memory_resource* memory)
      : children_(memory), objects_(memory), of_task_(memory), task_of_(memory), born_(memory) {}

  void BeginExecution();
  // Learns the tasks that are new in this execution. To be called before names are asked for.
  void See(const Machine& machine) {
    while (of_task_.size() < machine.task_count()) SeeTask(machine);
  }
  uint32_t Of(TaskId task) const { return of_task_[Index(task)]; }
  // The task of this name in this execution; kNoTask if it is not there yet.
  TaskId TaskOf(uint32_t name) const { return name < task_of_.size() ? task_of_[name] : kNoTask; }
  ObjectId Of(const Machine& machine, ObjectId object);

 private:
  void SeeTask(const Machine& machine);

  std::pmr::unordered_map<uint64_t, uint32_t> children_;  // (parent, number) -> name
  std::pmr::unordered_map<uint64_t, uint32_t> objects_;
  std::pmr::vector<uint32_t> of_task_;  // by TaskId
  std::pmr::vector<TaskId> task_of_;    // by name
  std::pmr::vector<uint32_t> born_;     // by name: children seen so far
};

}  // namespace csim::dpor

#endif  // CSIM_SCHEDULER_DPOR_NAMES_H_
