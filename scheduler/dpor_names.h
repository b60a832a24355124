// Names of tasks and objects that are the same in every execution, as small dense numbers.
//
// A task is named by TaskState::name; an object by ObjectState::name, a thread object by its task.
// The numbers hold within one search; what leaves it (dpor_state.h) carries the long names.
#ifndef CSIM_SCHEDULER_DPOR_NAMES_H_
#define CSIM_SCHEDULER_DPOR_NAMES_H_

#include <cstdint>
#include <memory_resource>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/machine.h"

namespace csim::dpor {

// Long names, numbered in order of first sight.
class NameTable {
 public:
  explicit NameTable(std::pmr::memory_resource* memory) : numbers_(memory), names_(memory) {}

  uint32_t NumberOf(uint64_t name) {
    const auto [at, fresh] = numbers_.try_emplace(name, static_cast<uint32_t>(names_.size()));
    if (fresh) names_.push_back(name);
    return at->second;
  }
  const std::pmr::vector<uint64_t>& names() const { return names_; }

 private:
  std::pmr::unordered_map<uint64_t, uint32_t> numbers_;
  std::pmr::vector<uint64_t> names_;
};

// What operations on several objects do with them, by names. Equal lists are one: they can be compared by their
// addresses.
class UseTable {
 public:
  explicit UseTable(std::pmr::memory_resource* memory) : memory_(memory), lists_(memory) {}
  ~UseTable();
  UseTable(const UseTable&) = delete;
  UseTable& operator=(const UseTable&) = delete;

  // The list, in an order of its own; it stays as long as the table. Sorts `uses`.
  const ObjectUse* Keep(std::span<ObjectUse> uses);

 private:
  struct List {
    ObjectUse* uses;
    size_t count;
  };

  std::pmr::memory_resource* memory_;
  std::pmr::unordered_multimap<uint64_t, List> lists_;  // by hash
};

class Names {
 public:
  explicit Names(std::pmr::memory_resource* memory)
      : tasks_(memory),
        objects_(memory),
        uses_(memory),
        of_task_(memory),
        task_of_(memory),
        of_object_(memory),
        named_(memory) {}

  void BeginExecution();
  // Learns the tasks that are new in this execution. To be called before names are asked for.
  void See(const Machine& machine) {
    while (of_task_.size() < machine.task_count()) SeeTask(machine);
  }
  uint32_t Of(TaskId task) const { return of_task_[Index(task)]; }
  // The task of this name in this execution; kNoTask if it is not there yet.
  TaskId TaskOf(uint32_t name) const { return name < task_of_.size() ? task_of_[name] : kNoTask; }
  ObjectId Of(const Machine& machine, ObjectId object);
  const ObjectUse* Of(const Machine& machine, std::span<const ObjectUse> uses);
  // With processes by name: that of their main task. (Should there ever be so many that two get the same,
  // they are taken for one, which is no loss but of time.)
  Reach Of(const Machine& machine, Reach reach) const;
  static uint16_t ProcessNamed(uint32_t name_of_main) {
    return static_cast<uint16_t>(name_of_main % Reach::kEverybody);
  }

  NameTable& tasks() { return tasks_; }
  NameTable& objects() { return objects_; }
  UseTable& uses() { return uses_; }
  const NameTable& tasks() const { return tasks_; }
  const NameTable& objects() const { return objects_; }

 private:
  void SeeTask(const Machine& machine);

  NameTable tasks_;
  NameTable objects_;
  UseTable uses_;
  std::pmr::vector<uint32_t> of_task_;  // by TaskId
  std::pmr::vector<TaskId> task_of_;    // by name
  std::pmr::vector<ObjectId>
      of_object_;                      // by ObjectId, in this execution; kNoObject: not asked yet
  std::pmr::vector<ObjectUse> named_;  // scratch
};

}  // namespace csim::dpor

#endif  // CSIM_SCHEDULER_DPOR_NAMES_H_
