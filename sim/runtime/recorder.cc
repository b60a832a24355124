#include "sim/runtime/recorder.h"

#include <algorithm>
#include <cstring>

#include "sim/runtime/locations.h"
#include "sim/runtime/runtime.h"

namespace csim {

void Recorder::Event(TaskId task, const Operation& operation, uint32_t alternative,
                     const OpResult& result) {
  if (!on_) return;
  Control& control = g_runtime.control();
  if (control.event_count == kMaxEvents) {
    ++control.events_lost;
    return;
  }
  EventRecord& e = g_runtime.mapping->events[control.event_count];
  e = EventRecord{};
  e.step = static_cast<uint32_t>(g_runtime.execution().step);
  e.task = static_cast<uint16_t>(task);
  e.kind = operation.kind;
  e.blocked = result.blocked;
  e.alternative = alternative;
  e.object = Index(operation.object);
  e.object2 = Index(operation.object2);
  e.site = Index(operation.site);
  e.stack = Index(operation.stack);
  e.error = result.error;
  e.value =
      operation.kind == OpKind::kChoose ? static_cast<uint64_t>(result.value) : operation.argument;
  e.now = g_runtime.machine().now();
  States(control.event_count);
  ++control.event_count;
}

void Recorder::States(uint32_t event) {
  Control& control = g_runtime.control();
  const Machine& machine = g_runtime.machine();
  const uint32_t count = machine.task_count();
  Mapping* mapping = g_runtime.mapping;
  mapping->state_row[event] = control.state_cells;
  if (control.state_cells + count > kMaxStateCells) {
    mapping->state_row[event] = ~0u;
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const TaskState& t = machine.task(TaskId{static_cast<uint16_t>(i)});
    RecordedState state = RecordedState::kNew;
    uint32_t waits = 0xffffff;
    if (t.status == TaskStatus::kFinished) state = RecordedState::kTerminated;
    if (t.status == TaskStatus::kRunning) state = RecordedState::kRunning;
    if (t.status == TaskStatus::kPending) {
      const bool enabled = machine.EnabledOf(t.id).Any();
      state = enabled ? RecordedState::kReady : RecordedState::kWaiting;
      if (!enabled) waits = Index(t.pending.object) & 0xffffff;
    }
    mapping->state_cells_data[control.state_cells++] = static_cast<uint32_t>(state) | (waits << 8);
  }
}

void Recorder::Value(uint64_t value) {
  if (!on_ || g_runtime.control().event_count == 0) return;
  g_runtime.mapping->events[g_runtime.control().event_count - 1].value = value;
}

void Recorder::AddMemory(uint64_t granule, uint8_t mask, bool is_write, bool is_atomic, SiteId site,
                         StackId stack) {
  Control& control = g_runtime.control();
  if (control.memory_count == kMaxMemoryRecords) {
    ++control.memory_lost;
    return;
  }
  MemoryRecord& record = g_runtime.mapping->memory[control.memory_count++];
  record = {granule,
            control.event_count,
            static_cast<uint16_t>(g_runtime.current()),
            mask,
            is_write,
            is_atomic,
            Index(site),
            Index(stack)};
}

void Recorder::Note(const char* text) {
  Control& control = g_runtime.control();
  if (!on_ || control.note_count == kMaxNotes) return;
  NoteRecord& note = g_runtime.mapping->notes[control.note_count++];
  note.step = static_cast<uint32_t>(g_runtime.execution().step);
  note.task = static_cast<uint16_t>(g_runtime.current());
  strncpy(note.text, text, sizeof(note.text) - 1);
  note.text[sizeof(note.text) - 1] = 0;
}

void Recorder::End() {
  if (!on_) return;
  Control& control = g_runtime.control();
  const Machine& machine = g_runtime.machine();
  control.task_count = machine.task_count();
  for (uint32_t i = 0; i < machine.task_count(); ++i) {
    const TaskState& t = machine.task(TaskId{static_cast<uint16_t>(i)});
    TaskRecord& record = g_runtime.mapping->tasks[i];
    record.process = static_cast<uint16_t>(t.process);
    record.is_main = machine.process_of(t.id).main == t.id;
    record.parent = static_cast<uint16_t>(t.parent);
    record.detached = t.detached;
    record.finished = t.status == TaskStatus::kFinished;
    record.created_site = Index(t.created_at);
    record.created_stack = Index(t.created_stack);
    const auto start = reinterpret_cast<uintptr_t>(g_runtime.body(t.id).start);
    const bool known = g_runtime.body(t.id).program == 0 && g_runtime.images.Find(start) == 0;
    record.start_function = known ? static_cast<uint32_t>(start - g_runtime.images[0].base) : 0;
  }
  const uint32_t objects = std::min(machine.object_count(), kMaxObjectRecords);
  control.object_count = objects;
  for (uint32_t i = 0; i < objects; ++i) {
    const TrackedObject tracked = g_runtime.objects().tracked(ObjectId{i});
    ObjectRecord& record = g_runtime.mapping->objects[i];
    record.kind = machine.object(ObjectId{i}).kind;
    record.location = g_runtime.objects().LocationOf(ObjectId{i});
    if (record.kind == ObjectKind::kProcess) {
      record.location.a = Index(machine.task(machine.object(ObjectId{i}).owner).process);
    }
    record.first_site = Index(tracked.first_site);
    record.alloc_site = record.location.space == LocationSpace::kHeap ? record.location.a : 0;
  }
}

}  // namespace csim
