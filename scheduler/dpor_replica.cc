#include "scheduler/dpor_replica.h"

namespace csim::dpor {

void Replica::Note(const Machine& machine, const Operation& operation, size_t number) {
  if (number == 0) tasks_at_start_ = machine.live_tasks().empty() ? 1 : machine.task_count();
  NoteObject(machine, operation.object, number);
  NoteObject(machine, operation.object2, number);
  for (uint32_t i = 0; i < operation.use_count; ++i) {
    NoteObject(machine, operation.uses[i].object, number);
  }
}

// What was noted by events of the same number or later belongs to an earlier execution.
void Replica::NoteObject(const Machine& machine, ObjectId object, size_t number) {
  if (object == kNoObject) return;
  if (Index(object) >= initial_.size()) initial_.resize(Index(object) + 1);
  First& first = initial_[Index(object)];
  if (first.event >= number) first = {machine.object(object), number};
}

void Replica::Reset(const Machine& final, std::span<const Performed> events) {
  machine_.Reset(final.options(), nullptr);
  machine_.ShareLists(final);
  for (uint32_t i = 1; i < final.object_count(); ++i) {
    const ObjectState& state = final.object(ObjectId{i});
    if (state.kind == ObjectKind::kThread) {
      machine_.AddTask(final.task(state.owner).parent);
      continue;
    }
    if (state.kind == ObjectKind::kProcess) {
      if (state.owner == kMainTask) {
        machine_.OwnProcessObject(kMainTask);
      } else {
        machine_.AddProcess(state.owner);
      }
      continue;
    }
    const bool touched = i < initial_.size() && initial_[i].event < events.size();
    ObjectState& object = machine_.object(machine_.AddObject(state.kind));
    object = touched ? initial_[i].state : state;
    object.readers = object.writers = 0;  // until they are opened
  }
  while (events_of_.size() < final.task_count()) events_of_.emplace_back();
  for (auto& list : events_of_) list.clear();
  for (uint32_t i = 0; i < events.size(); ++i) events_of_[Index(events[i].task)].push_back(i);
  next_.assign(final.task_count(), 0);
  for (uint32_t i = 0; i < final.task_count() && !final.ends_changes().empty(); ++i) {
    const TaskId task{static_cast<uint16_t>(i)};
    RepeatChanges(final, task, 0, Before(final, task));
  }
  for (uint32_t i = 0; i < tasks_at_start_; ++i) {
    const TaskId task{static_cast<uint16_t>(i)};
    // A task that main has reached the creation of, but not created.
    const bool created = i == 0 || final.task(task).status != TaskStatus::kNew;
    const bool starts =
        !events_of_[i].empty() && events[events_of_[i][0]].operation.kind == OpKind::kThreadStart;
    if (!created || starts) continue;
    const bool pending = final.task(task).status == TaskStatus::kPending || final.task(task).killed;
    if (events_of_[i].empty() && pending && final.task(task).pending.kind == OpKind::kThreadStart) {
      continue;
    }
    machine_.task(task).status = TaskStatus::kRunning;
    Arrive(final, events, task);
  }
}

// How many operations the task had done before the first event of the execution (tests begin late).
uint64_t Replica::Before(const Machine& final, TaskId task) const {
  const uint64_t performed = final.task(task).performed;
  const uint64_t known = events_of_[Index(task)].size();
  return performed > known ? performed - known : 0;
}

void Replica::RepeatChanges(const Machine& final, TaskId task, uint64_t first, uint64_t last) {
  for (const EndsChange& change : final.ends_changes()) {
    if (change.task == task && change.after >= first && change.after <= last) {
      machine_.RepeatChange(change);
    }
  }
}

void Replica::Arrive(const Machine& final, std::span<const Performed> events, TaskId task) {
  const auto& mine = events_of_[Index(task)];
  const uint32_t next = next_[Index(task)];
  const TaskState& end = final.task(task);
  if (next < mine.size()) {
    const Performed& event = events[mine[next]];
    Operation operation = event.operation;
    operation.spin = Spin::kNone;
    machine_.SetPending(task, operation);
    machine_.task(task).cancelable = event.cancelable;
  } else if (end.status == TaskStatus::kPending || end.killed) {
    Operation operation = end.pending;
    operation.spin = Spin::kNone;
    machine_.SetPending(task, operation);
    machine_.task(task).cancelable = end.cancelable;
  } else if (end.status == TaskStatus::kFinished) {
    machine_.Finish(task);
  }
}

Alternatives Replica::EnabledAfter(const Machine& final, std::span<const Performed> events,
                                   std::span<const uint32_t> numbers, TaskId task) {
  Reset(final, events);
  for (uint32_t number : numbers) {
    const Performed& event = events[number];
    if (!machine_.EnabledOf(event.task).Has(event.alternative)) return {};
    if (event.operation.kind == OpKind::kFutexWait || event.operation.kind == OpKind::kSignal) {
      machine_.task(event.task).pending.argument = event.operation.argument;
    }
    const OpResult result = machine_.Execute(event.task, event.alternative);
    ++next_[Index(event.task)];
    const bool ended = machine_.task(event.task).status == TaskStatus::kFinished;
    if (!final.ends_changes().empty()) {
      const uint64_t done = Before(final, event.task) + next_[Index(event.task)];
      RepeatChanges(final, event.task, done, done);
    }
    if (!result.blocked && !ended) Arrive(final, events, event.task);
  }
  return machine_.EnabledOf(task);
}

Alternatives Replica::EnabledIn(const MachineOptions& options, const ObjectState& state,
                                const Operation& operation, TaskId task) {
  constexpr TaskId kAsker{1};
  if (probe_.task_count() == 1) {
    probe_.AddTask(kMainTask);
    probe_.AddObject(ObjectKind::kNone);
  }
  probe_.set_options(options);
  const ObjectId object{probe_.object_count() - 1};
  probe_.object(object) = state;
  TaskId& owner = probe_.object(object).owner;
  if (owner != kNoTask) owner = owner == task ? kAsker : kMainTask;
  TaskState& asker = probe_.task(kAsker);
  asker.status = TaskStatus::kPending;
  asker.pending = operation;
  asker.pending.spin = Spin::kNone;
  if (operation.object != kNoObject) asker.pending.object = object;
  if (operation.object2 != kNoObject) asker.pending.object2 = object;
  return probe_.EnabledOf(kAsker);
}

}  // namespace csim::dpor
