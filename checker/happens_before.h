// Happens-before of the running execution, as vector clocks.
//
// Told by the machine of what orders events (SyncListener), and by the runtime of atomic accesses,
// whose edges are those of the C++20 memory model: a store that releases heads a release sequence,
// only read-modify-writes continue it, and fences work through relaxed accesses.
//
// Each task has a slot, its place in the clocks. Its clock ticks when it gives what it knows to
// somebody (not when it learns: that changes nothing for the others). Clocks only grow, from one
// execution to the next too: all that an earlier execution left in shadow memory is below base().
// BeginExecution costs nothing that depends on what the last execution did; what was used is
// cleared when it is used again.
#ifndef CSIM_CHECKER_HAPPENS_BEFORE_H_
#define CSIM_CHECKER_HAPPENS_BEFORE_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "checker/shadow_cell.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/operation.h"
#include "model/vector_clock.h"

namespace csim {

class HappensBefore : public SyncListener {
 public:
  explicit HappensBefore(std::pmr::memory_resource* memory);

  // Forgets all tasks and objects.
  void BeginExecution();

  // ---- Tasks ----
  // True if `slot` is free for a task that `creator` creates: unused in this execution, or its last
  // user has ended and `creator` knows that (happens-before, as after a join).
  bool SlotReusable(TaskId creator, uint32_t slot) const;
  // `task` takes `slot`; before its first access, before or after the Transfer from its creator.
  // REQUIRES: slot < kMaxSlots; SlotReusable(its creator, slot).
  void StartTask(TaskId task, uint32_t slot);
  // `task` does nothing any more. Without this call its slot is never reusable.
  void FinishTask(TaskId task);

  // Begins a new epoch of the task, so that its next access to each granule is seen again.
  void Advance(TaskId task) { Tick(TaskAt(task)); }
  // The task's clock and slot as in shadow cells, with mask 0. Changes with every release.
  uint64_t EpochOf(TaskId task) const { return tasks_[Index(task)].epoch; }
  const VectorClock& ClockOf(TaskId task) const { return tasks_[Index(task)].clock; }
  // Which task used the epoch's slot at the epoch's clock. REQUIRES: an epoch of this execution.
  TaskId TaskOfEpoch(uint64_t epoch) const;
  // Epochs with a smaller clock are not of this execution.
  uint64_t base() const { return base_; }

  // True if what was done at `epoch` is known to `task`. REQUIRES: an epoch of this execution.
  bool Knows(TaskId task, uint64_t epoch) const {
    return ClockOfEpoch(epoch) <= tasks_[Index(task)].clock.Get(SlotOfEpoch(epoch));
  }

  // ---- SyncListener ----
  void Release(TaskId task, ObjectId object) final;
  void Acquire(TaskId task, ObjectId object) final;
  void ReleaseShared(TaskId task, ObjectId object) final;
  void AcquireAll(TaskId task, ObjectId object) final;
  void Transfer(TaskId from, TaskId to) final;

  // ---- Atomics. `offset` and `size`: bytes within the granule that is `object` ----
  // What reading an atomic does: to be called before the access is checked for races.
  void ReadAtomic(TaskId task, ObjectId object, uint8_t offset, uint8_t size, MemoryOrder order);
  // What writing does: after the check. `rmw`: the value written comes from the value read.
  void WriteAtomic(TaskId task, ObjectId object, uint8_t offset, uint8_t size, MemoryOrder order,
                   bool rmw);
  void Fence(TaskId task, MemoryOrder order);

 private:
  struct TaskClock {
    explicit TaskClock(std::pmr::memory_resource* memory)
        : clock(memory), acquirable(memory), released(memory) {}
    uint64_t stamp = 0;  // execution that the rest is of
    uint64_t epoch = 0;
    bool started = false;
    bool finished = false;
    VectorClock clock;
    VectorClock acquirable;  // read by relaxed loads; an acquire fence learns it
    VectorClock released;    // clock at the last release fence; relaxed stores give it
  };
  // One atomic variable within a granule.
  struct AtomicClock {
    explicit AtomicClock(std::pmr::memory_resource* memory) : clock(memory) {}
    uint8_t offset = 0;
    uint8_t size = 0;
    uint32_t next = 0;  // 1 + index in atomics_; 0: none
    VectorClock clock;  // what the release sequence that is read from gives
  };
  struct ObjectClock {
    explicit ObjectClock(std::pmr::memory_resource* memory) : released(memory), shared(memory) {}
    uint64_t stamp = 0;
    uint32_t first_atomic = 0;  // 1 + index in atomics_; 0: none
    VectorClock released;
    VectorClock shared;  // by readers, for later writers
  };
  struct SlotUse {
    uint32_t slot;
    uint64_t first_clock;
    TaskId task;
  };

  TaskClock& TaskAt(TaskId task) {
    bool current = Index(task) < tasks_.size() && tasks_[Index(task)].stamp == stamp_;
    return current ? tasks_[Index(task)] : FreshTask(task);
  }
  ObjectClock& ObjectAt(ObjectId object) {
    bool current = Index(object) < objects_.size() && objects_[Index(object)].stamp == stamp_;
    return current ? objects_[Index(object)] : FreshObject(object);
  }
  TaskClock& FreshTask(TaskId task);
  ObjectClock& FreshObject(ObjectId object);

  AtomicClock& AtomicAt(ObjectId object, uint8_t offset, uint8_t size);
  uint64_t LastClock(uint32_t slot) const;
  void Tick(TaskClock& task);

  std::pmr::memory_resource* memory_;
  uint64_t base_ = 1;
  uint64_t newest_ = 0;  // the greatest clock ever used
  uint64_t stamp_ = 0;   // number of the execution, from 1
  std::pmr::vector<TaskClock> tasks_;
  std::pmr::vector<ObjectClock> objects_;
  std::pmr::vector<AtomicClock> atomics_;  // the first atomics_used_ are of this execution
  size_t atomics_used_ = 0;
  std::pmr::vector<SlotUse> slot_uses_;  // of this execution, in order of StartTask
  std::pmr::vector<TaskId> slot_users_;  // by slot: the last one; kNoTask: unused
};

}  // namespace csim

#endif  // CSIM_CHECKER_HAPPENS_BEFORE_H_
