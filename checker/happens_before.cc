#include "checker/happens_before.h"

#include "model/check.h"

namespace csim {
namespace {

bool Overlap(uint8_t offset_a, uint8_t size_a, uint8_t offset_b, uint8_t size_b) {
  return offset_a < offset_b + size_b && offset_b < offset_a + size_a;
}

}  // namespace

HappensBefore::HappensBefore(std::pmr::memory_resource* memory)
    : memory_(memory),
      tasks_(memory),
      objects_(memory),
      atomics_(memory),
      slot_uses_(memory),
      slot_users_(memory) {
  BeginExecution();
}

void HappensBefore::BeginExecution() {
  ++stamp_;
  base_ = newest_ + 1;
  atomics_used_ = 0;
  slot_uses_.clear();
  slot_users_.clear();
}

HappensBefore::TaskClock& HappensBefore::FreshTask(TaskId id) {
  while (Index(id) >= tasks_.size()) tasks_.emplace_back(memory_);
  TaskClock& task = tasks_[Index(id)];

  task.stamp = stamp_;
  task.epoch = 0;
  task.started = task.finished = false;
  task.clock.Clear();
  task.acquirable.Clear();
  task.released.Clear();
  return task;
}

HappensBefore::ObjectClock& HappensBefore::FreshObject(ObjectId id) {
  while (Index(id) >= objects_.size()) objects_.emplace_back(memory_);
  ObjectClock& object = objects_[Index(id)];

  object.stamp = stamp_;
  object.first_atomic = 0;
  object.released.Clear();
  object.shared.Clear();
  return object;
}

void HappensBefore::Tick(TaskClock& task) {
  if (!task.started || task.finished) return;
  task.epoch += MakeEpoch(1, 0);
  uint64_t clock = ClockOfEpoch(task.epoch);
  task.clock.Set(SlotOfEpoch(task.epoch), clock);
  if (clock > newest_) newest_ = clock;
}

// ---- Tasks ----

uint64_t HappensBefore::LastClock(uint32_t slot) const {
  if (slot >= slot_users_.size() || slot_users_[slot] == kNoTask) return base_ - 1;
  return ClockOfEpoch(EpochOf(slot_users_[slot]));
}

bool HappensBefore::SlotReusable(TaskId creator, uint32_t slot) const {
  if (slot >= slot_users_.size() || slot_users_[slot] == kNoTask) return true;
  return tasks_[Index(slot_users_[slot])].finished && ClockOf(creator).Get(slot) >= LastClock(slot);
}

void HappensBefore::StartTask(TaskId id, uint32_t slot) {
  CSIM_CHECK(slot < kMaxSlots);
  TaskClock& task = TaskAt(id);
  CSIM_CHECK(!task.started);
  task.epoch = MakeEpoch(LastClock(slot), slot);
  task.started = true;
  Tick(task);
  if (slot >= slot_users_.size()) slot_users_.resize(slot + 1, kNoTask);
  slot_users_[slot] = id;
  slot_uses_.push_back(SlotUse{slot, ClockOfEpoch(task.epoch), id});
}

// What it knows at its end stays at its last clock: Transfer to a joiner does not tick any more.
void HappensBefore::FinishTask(TaskId task) { TaskAt(task).finished = true; }

TaskId HappensBefore::TaskOfEpoch(uint64_t epoch) const {
  TaskId task = kNoTask;
  for (const SlotUse& use : slot_uses_) {
    if (use.slot == SlotOfEpoch(epoch) && use.first_clock <= ClockOfEpoch(epoch)) task = use.task;
  }
  return task;
}

// ---- SyncListener ----

void HappensBefore::Release(TaskId id, ObjectId object) {
  TaskClock& task = TaskAt(id);
  ObjectAt(object).released.Join(task.clock);
  Tick(task);
}

void HappensBefore::Acquire(TaskId id, ObjectId object) {
  TaskAt(id).clock.Join(ObjectAt(object).released);
}

void HappensBefore::ReleaseShared(TaskId id, ObjectId object) {
  TaskClock& task = TaskAt(id);
  ObjectAt(object).shared.Join(task.clock);
  Tick(task);
}

void HappensBefore::AcquireAll(TaskId id, ObjectId object) {
  TaskClock& task = TaskAt(id);
  const ObjectClock& given = ObjectAt(object);
  task.clock.Join(given.released);
  task.clock.Join(given.shared);
}

void HappensBefore::Transfer(TaskId from, TaskId to) {
  TaskAt(from);  // may move the tasks
  TaskClock& learner = TaskAt(to);
  TaskClock& giver = TaskAt(from);
  learner.clock.Join(giver.clock);
  Tick(giver);
}

// ---- Atomics ----

HappensBefore::AtomicClock& HappensBefore::AtomicAt(ObjectId id, uint8_t offset, uint8_t size) {
  ObjectClock& object = ObjectAt(id);
  for (uint32_t at = object.first_atomic; at != 0; at = atomics_[at - 1].next) {
    AtomicClock& atomic = atomics_[at - 1];
    if (atomic.offset != offset) continue;
    if (size > atomic.size) atomic.size = size;
    return atomic;
  }
  if (atomics_used_ == atomics_.size()) atomics_.emplace_back(memory_);
  AtomicClock& atomic = atomics_[atomics_used_++];
  atomic.offset = offset;
  atomic.size = size;
  atomic.clock.Clear();
  atomic.next = object.first_atomic;
  object.first_atomic = static_cast<uint32_t>(atomics_used_);
  return atomic;
}

void HappensBefore::ReadAtomic(TaskId id, ObjectId object, uint8_t offset, uint8_t size,
                               MemoryOrder order) {
  TaskClock& task = TaskAt(id);
  for (uint32_t at = ObjectAt(object).first_atomic; at != 0; at = atomics_[at - 1].next) {
    const AtomicClock& atomic = atomics_[at - 1];
    if (!Overlap(atomic.offset, atomic.size, offset, size)) continue;
    (IsAcquire(order) ? task.clock : task.acquirable).Join(atomic.clock);
  }
}

void HappensBefore::WriteAtomic(TaskId id, ObjectId object, uint8_t offset, uint8_t size,
                                MemoryOrder order, bool rmw) {
  TaskClock& task = TaskAt(id);
  VectorClock& given = AtomicAt(object, offset, size).clock;
  const VectorClock& gives = IsRelease(order) ? task.clock : task.released;
  if (rmw) {
    given.Join(gives);
  } else {
    given.Assign(gives);
  }
  if (IsRelease(order)) Tick(task);
}

void HappensBefore::Fence(TaskId id, MemoryOrder order) {
  TaskClock& task = TaskAt(id);
  if (IsAcquire(order)) task.clock.Join(task.acquirable);
  if (!IsRelease(order)) return;
  task.released.Assign(task.clock);
  Tick(task);
}

}  // namespace csim
