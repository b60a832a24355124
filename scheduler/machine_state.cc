#include "scheduler/machine_state.h"

#include "model/operation.h"

namespace csim {
namespace {

constexpr uint64_t kNothing = 0x6e6f7468696e67;  // in place of an object's or task's key

class MachineDigester {
 public:
  MachineDigester(const Machine& machine, const StableKeys& keys)
      : machine_(machine), keys_(keys) {}

  Digest All() const {
    Digest all;
    for (const TaskId id : machine_.live_tasks()) all.Join(OfTask(machine_.task(id)));
    for (uint32_t i = 0; i < machine_.task_count(); ++i) {
      const TaskState& task = machine_.task(TaskId{static_cast<uint16_t>(i)});
      if (task.status == TaskStatus::kFinished) all.Join(OfFinished(task));
    }
    for (uint32_t i = 0; i < machine_.object_count(); ++i) {
      const ObjectId id{i};
      if (IsUsed(machine_.object(id))) all.Join(OfObject(id));
    }
    Digest rest;
    rest.Add(KeyOf(machine_.atomic_owner()));
    rest.Add(machine_.atomic_depth());
    if (!machine_.options().timeouts_any) rest.Add(machine_.now());
    all.Join(rest);
    return all;
  }

 private:
  uint64_t KeyOf(TaskId task) const { return task == kNoTask ? kNothing : keys_.Of(task); }
  uint64_t KeyOf(ObjectId object) const {
    return object == kNoObject ? kNothing : keys_.Of(machine_, object);
  }

  Digest OfTask(const TaskState& task) const {
    Digest digest;
    digest.Add(KeyOf(task.id));
    digest.Add(static_cast<uint64_t>(task.status));
    const bool flags[] = {task.detached,  task.joined,  task.cancel_requested,
                          task.disturbed, task.exposed, task.cancelable};
    for (const bool flag : flags) digest.Add(flag ? 1 : 0);
    digest.Add(task.children);
    digest.Add(task.blocked);
    digest.Add(task.signals);
    Digest held;
    for (const HeldLock& lock : task.held) {
      Digest one;
      one.Add(KeyOf(lock.object));
      one.Add(static_cast<uint64_t>(lock.mode));
      one.Add(lock.depth);
      held.Join(one);
    }
    digest.Add(held.a);
    digest.Add(held.b);
    if (task.status == TaskStatus::kPending) AddPending(task.pending, &digest);
    return digest;
  }

  void AddPending(const Operation& pending, Digest* digest) const {
    digest->Add(static_cast<uint64_t>(pending.kind));
    digest->Add(uint64_t{pending.size} << 8 | pending.offset);
    digest->Add(KeyOf(pending.object));
    digest->Add(KeyOf(pending.object2));
    digest->Add(ArgumentOf(pending));
    const bool timed = pending.deadline != kNoDeadline;
    digest->Add(machine_.options().timeouts_any ? (timed ? 1 : 0) : pending.deadline);
  }

  uint64_t ArgumentOf(const Operation& pending) const {
    // Which round of the barrier it waits for: only whether that is over matters.
    if (pending.kind == OpKind::kBarrierBlocked) {
      return machine_.object(pending.object).generation != pending.argument ? 1 : 0;
    }
    return pending.argument;
  }

  Digest OfFinished(const TaskState& task) const {
    Digest digest;
    digest.Add(KeyOf(task.id));
    digest.Add(task.detached ? 1 : 0);
    digest.Add(task.joined ? 1 : 0);
    return digest;
  }

  static bool IsUsed(const ObjectState& o) {
    if (o.kind == ObjectKind::kThread || o.kind == ObjectKind::kMemory) return false;
    if (o.kind == ObjectKind::kSemaphore) return true;  // its value is nowhere else
    return o.once_state != 0 || o.destroyed || o.owner_died || o.lost || o.owner != kNoTask ||
           o.count != 0 || o.readers != 0 || o.writers != 0 || o.first_waiter != kNoTask;
  }

  Digest OfObject(ObjectId id) const {
    const ObjectState& o = machine_.object(id);
    Digest digest;
    digest.Add(KeyOf(id));
    const bool flags[] = {o.destroyed, o.owner_died, o.lost};
    for (const bool flag : flags) digest.Add(flag ? 1 : 0);
    digest.Add(o.once_state);
    digest.Add(KeyOf(o.owner));
    const uint32_t numbers[] = {o.count, o.limit, o.readers, o.writers};
    for (const uint32_t number : numbers) digest.Add(number);
    const bool rounds = o.kind != ObjectKind::kBarrier && o.kind != ObjectKind::kFutex;
    digest.Add(rounds ? o.generation : 0);
    for (TaskId task = o.first_waiter; task != kNoTask; task = machine_.task(task).next_waiter) {
      digest.Add(KeyOf(task));
    }
    return digest;
  }

  const Machine& machine_;
  const StableKeys& keys_;
};

}  // namespace

Digest StateOfMachine(const Machine& machine, const StableKeys& keys) {
  return MachineDigester(machine, keys).All();
}

}  // namespace csim
