#include "sim/host/trace_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "model/machine.h"
#include "model/operation.h"
#include "sim/host/messages.h"

namespace csim {

namespace {

constexpr size_t kMaxFrames = 64;
constexpr size_t kMaxContexts = 4096;  // of accesses: endless recursions have many

const char* const kSpaces[] = {"unknown", "global", "heap", "stack", "thread-local", "shared"};

const char* SpaceName(LocationSpace space) {
  const auto i = static_cast<size_t>(space);
  return i < std::size(kSpaces) ? kSpaces[i] : kSpaces[0];
}

std::string KindName(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kThread: return "thread";
    case ObjectKind::kMutex: return "mutex";
    case ObjectKind::kCondition: return "condition variable";
    case ObjectKind::kRwLock: return "rwlock";
    case ObjectKind::kSemaphore: return "semaphore";
    case ObjectKind::kBarrier: return "barrier";
    case ObjectKind::kOnce: return "once";
    case ObjectKind::kSpinLock: return "spin lock";
    case ObjectKind::kFutex: return "futex";
    case ObjectKind::kMemory: return "memory";
    case ObjectKind::kStream: return "output";
    case ObjectKind::kProcess: return "process";
    case ObjectKind::kName: return "name";
    case ObjectKind::kPipe: return "pipe";
    case ObjectKind::kSocket: return "socket";
    case ObjectKind::kQueue: return "message queue";
    case ObjectKind::kCounter: return "eventfd";
    case ObjectKind::kAddress: return "address";
    case ObjectKind::kFileLock: return "file lock";
    default: return "object";
  }
}

// The text of a coroutine's site; CSIM_COROUTINE of sim/abi/csim_abi.h.
constexpr char kCoroutineText[] = "coroutine";

// Bytes of one object of the kind, for naming elements of arrays; 0: not known.
uint64_t SizeOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kMutex: return 40;
    case ObjectKind::kCondition: return 48;
    case ObjectKind::kRwLock: return 56;
    case ObjectKind::kSemaphore:
    case ObjectKind::kBarrier: return 32;
    case ObjectKind::kSpinLock:
    case ObjectKind::kOnce: return 4;
    default: return 0;
  }
}

std::string Text(const char* text, size_t size) { return {text, strnlen(text, size)}; }

int TaskIndex(uint16_t task) { return task >= kMaxTasks ? -1 : static_cast<int>(task); }

int ObjectIndex(uint32_t object, const Trace* trace) {
  if (trace == nullptr || object >= trace->objects.size()) return -1;
  return static_cast<int>(object);
}

std::string AccessName(FindingKind kind, const SideRecord& access) {
  if (kind != FindingKind::kDataRace && kind != FindingKind::kMemory) return "";
  return std::string(access.is_atomic != 0 ? "atomic " : "") +
         (access.is_write != 0 ? "write" : "read");
}

}  // namespace

std::string TaskName(uint32_t task) { return task == 0 ? "main" : fmt::format("T{}", task); }

const ProgramFile* TraceReader::ProgramOf(uint64_t number) const {
  if (number == 0) return &program_;
  const Mapping& m = session_.mapping();
  for (uint32_t i = 0; i < std::min(m.control.program_count, kMaxPrograms); ++i) {
    const ProgramRecord& record = m.programs[i];
    if (record.number == number) return program_.Executed(Text(record.path, sizeof record.path));
  }
  return nullptr;
}

Place TraceReader::PlaceOf(uint32_t site) const {
  const ProgramFile* program = ProgramOf(ProgramOfSite(site));
  return program == nullptr ? Place{} : program->PlaceOf(SiteInProgram(site));
}

const ProgramFile::Symbol* TraceReader::SymbolAt(const LocationKey& key) const {
  if (key.space != LocationSpace::kGlobal || key.a != 0) return nullptr;
  const ProgramFile* program = ProgramOf(key.b);
  return program == nullptr ? nullptr : program->SymbolAt(key.offset);
}

Stack TraceReader::StackOf(uint32_t node) const {
  Stack stack;
  const Mapping& m = session_.mapping();
  const uint32_t count = std::min(m.control.stack_node_count, kMaxStackNodes);
  Place inner;
  while (node != 0 && node < count && (m.stack_nodes[node].call_site & kHeldLock) != 0) {
    node = m.stack_nodes[node].parent;
  }
  while (node != 0 && node < count && stack.size() < kMaxFrames) {
    const StackNode n = m.stack_nodes[node];
    if (n.function == kProgramRoot) break;
    Frame frame;
    Place function = PlaceOf(n.function);
    frame.is_coroutine = function.text == kCoroutineText;
    frame.function = std::move(function.function);
    frame.place = inner;
    stack.push_back(std::move(frame));
    inner = PlaceOf(n.call_site);
    if (n.parent >= node) break;  // parents are older; anything else is damage
    node = n.parent;
  }
  return stack;
}

std::vector<Lock> TraceReader::LocksOf(uint32_t node, const Trace* trace) const {
  std::vector<Lock> locks;
  const Mapping& m = session_.mapping();
  const uint32_t count = std::min(m.control.stack_node_count, kMaxStackNodes);
  while (node != 0 && node < count && locks.size() < kMaxFrames) {
    const StackNode n = m.stack_nodes[node];
    if ((n.call_site & kHeldLock) == 0) break;
    const uint32_t object = n.call_site & (kHeldShared - 1);
    locks.insert(locks.begin(), {ObjectIndex(object, trace), (n.call_site & kHeldShared) != 0,
                                 PlaceOf(n.function)});
    if (n.parent >= node) break;
    node = n.parent;
  }
  return locks;
}

std::string TraceReader::ObjectName(const ObjectRecord& record) const {
  const Place first = PlaceOf(record.first_site);
  if (const ProgramFile::Symbol* s = SymbolAt(record.location)) {
    const uint64_t offset = record.location.offset - s->offset;
    const uint64_t size = SizeOf(record.kind);
    if (size != 0 && s->size > size && s->size % size == 0 && offset % size == 0) {
      return fmt::format("{}[{}]", s->name, offset / size);
    }
    if (offset == 0 && (size == 0 || s->size <= size)) return s->name;
    if (!first.variable.empty()) return first.variable;
    return offset == 0 ? s->name : fmt::format("{}+{}", s->name, offset);
  }
  if (record.kind == ObjectKind::kStream) return "output";
  if (record.kind == ObjectKind::kProcess) return fmt::format("P{}", record.location.a);
  const bool expression = first.variable.find('(') != std::string::npos;
  if (record.kind >= ObjectKind::kPipe && first.known() && (first.variable.empty() || expression)) {
    const std::string& file = first.user_file();
    return fmt::format("{}:{}", file.substr(file.rfind('/') + 1), first.user_line());
  }
  return first.variable.empty() ? first.text : first.variable;
}

std::string TraceReader::DescribeLocation(const LocationKey& key, uint32_t size) const {
  switch (key.space) {
    case LocationSpace::kGlobal: {
      const ProgramFile::Symbol* s = SymbolAt(key);
      if (s == nullptr) return "global data";
      if (key.offset == s->offset) return fmt::format("global `{}` of size {}", s->name, s->size);
      return fmt::format("global `{}` of size {}, {} bytes in", s->name, s->size,
                         key.offset - s->offset);
    }
    case LocationSpace::kHeap: {
      const Place place = PlaceOf(key.a);
      const auto offset = static_cast<int64_t>(key.offset);
      std::string text = size != 0 ? fmt::format("heap block of {} bytes", size) : "heap block";
      if (offset != 0) text += fmt::format(", at offset {}", offset);
      if (place.known()) text += fmt::format(", allocated at {}:{}", place.file, place.line);
      return text;
    }
    case LocationSpace::kStack: return fmt::format("stack of {}", TaskName(key.a));
    case LocationSpace::kThreadLocal:
      return fmt::format("thread-local data of {}", TaskName(key.a));
    case LocationSpace::kShared: {
      const Place place = PlaceOf(key.a);
      std::string text = fmt::format("shared memory, {} bytes in", key.offset);
      if (place.known()) text += fmt::format(", mapped at {}:{}", place.file, place.line);
      return text;
    }
    case LocationSpace::kUnknown: break;
  }
  return "";
}

void TraceReader::ReadTasks(Trace& trace) const {
  const Mapping& m = session_.mapping();
  const uint32_t count = std::min(m.control.task_count, kMaxTasks);
  for (uint32_t i = 0; i < count; ++i) {
    const TaskRecord& record = m.tasks[i];
    TraceTask task;
    task.name = TaskName(i);
    if (record.process != 0) {
      task.name = record.is_main != 0 ? fmt::format("P{}.main", record.process)
                                      : fmt::format("P{}.T{}", record.process, i);
    }
    task.process = record.process;
    task.parent = TaskIndex(record.parent);
    task.detached = record.detached != 0;
    task.finished = record.finished != 0;
    task.created_at = PlaceOf(record.created_site);
    task.created_stack = StackOf(record.created_stack);
    task.function = task.created_at.variable;
    if (record.start_function != 0) {
      if (const auto* s = program_.SymbolAt(record.start_function))
        task.function = BareFunction(s->name);
    }
    if (i == 0) task.function = "main";
    trace.tasks.push_back(std::move(task));
  }
}

void TraceReader::ReadObjects(Trace& trace) const {
  const Mapping& m = session_.mapping();
  const uint32_t count = std::min(m.control.object_count, kMaxObjectRecords);
  for (uint32_t i = 0; i < count; ++i) {
    const ObjectRecord& record = m.objects[i];
    trace.objects.push_back(
        {KindName(record.kind), ObjectName(record), DescribeLocation(record.location, 0)});
  }
}

void TraceReader::ReadEvents(Trace& trace) const {
  const Mapping& m = session_.mapping();
  const uint32_t count = std::min(m.control.event_count, kMaxEvents);
  trace.events_lost = m.control.events_lost;
  for (uint32_t i = 0; i < count; ++i) {
    const EventRecord& r = m.events[i];
    TraceEvent e;
    e.step = r.step;
    e.task = TaskIndex(r.task);
    e.operation = r.kind < OpKind::kCount ? RowOf(r.kind).name : "?";
    e.alternative = r.alternative;
    e.object = ObjectIndex(r.object, &trace);
    e.object2 = ObjectIndex(r.object2, &trace);
    e.place = PlaceOf(r.site);
    e.stack = StackOf(r.stack);
    e.blocked = r.blocked != 0;
    e.error = r.error;
    e.value = r.value;
    e.now = r.now;
    const uint32_t row = m.state_row[i];
    const uint32_t end = i + 1 < count ? m.state_row[i + 1] : m.control.state_cells;
    for (uint32_t cell = row; cell < end && cell < kMaxStateCells && end - row <= kMaxTasks;
         ++cell) {
      const uint32_t value = m.state_cells_data[cell];
      const uint32_t waits = value >> 8;
      e.tasks.push_back({static_cast<TaskSituation>(std::min(value & 0xff, 4u)),
                         waits == 0xffffff ? -1 : ObjectIndex(waits, &trace)});
    }
    trace.events.push_back(std::move(e));
  }
}

void TraceReader::ReadAccesses(Trace& trace) const {
  const Mapping& m = session_.mapping();
  trace.accesses_lost = m.control.memory_lost;
  std::unordered_map<uint32_t, uint32_t> sites;
  std::unordered_map<uint32_t, uint32_t> contexts;
  for (uint32_t i = 0; i < std::min(m.control.memory_count, kMaxMemoryRecords); ++i) {
    const MemoryRecord& r = m.memory[i];
    if (contexts.size() == kMaxContexts) {
      trace.accesses_lost += m.control.memory_count - i;
      break;
    }
    const auto [site, new_site] = sites.try_emplace(r.site, trace.access_places.size());
    if (new_site) trace.access_places.push_back(PlaceOf(r.site));
    const auto [context, new_context] = contexts.try_emplace(r.stack, trace.access_contexts.size());
    if (new_context) trace.access_contexts.push_back({StackOf(r.stack), LocksOf(r.stack, &trace)});
    trace.accesses.push_back({r.events, TaskIndex(r.task), r.granule, r.mask, r.is_write != 0,
                              r.is_atomic != 0, site->second, context->second});
  }
}

Side TraceReader::ReadSide(const FindingRecord& record, int index, const Trace* trace) const {
  return SideOf(record.kind, record.sides[index], trace);
}

Side TraceReader::SideOf(FindingKind kind, const SideRecord& access, const Trace* trace) const {
  Side side;
  side.task = TaskIndex(access.task);
  side.access = AccessName(kind, access);
  side.size = access.size;
  side.place = PlaceOf(access.site);
  side.stack = StackOf(access.stack);
  side.locks = LocksOf(access.stack, trace);
  return side;
}

void TraceReader::DescribeMemory(const FindingRecord& record, Finding& finding) const {
  finding.where = DescribeLocation(record.location, record.location_size);
  if (record.location.space != LocationSpace::kHeap) return;
  finding.allocated_at = PlaceOf(record.alloc_site);
  finding.allocated_stack = StackOf(record.alloc_stack);
  finding.allocated_by = TaskIndex(record.alloc_task);
  if (record.free_task == 0xffff) return;
  finding.freed_at = PlaceOf(record.free_site);
  finding.freed_stack = StackOf(record.free_stack);
  finding.freed_by = TaskIndex(record.free_task);
}

std::string TraceReader::VariableOf(const FindingRecord& record, const Finding& finding) const {
  for (const Side& side : finding.sides) {
    if (!side.place.variable.empty()) return side.place.variable;
  }
  if (const auto* s = SymbolAt(record.location)) return s->name;
  for (const Side& side : finding.sides) {
    if (!side.place.text.empty()) return side.place.text;
  }
  return "";
}

std::string TraceReader::WaitDetail(const WaitRecord& w) const {
  if (IsPoll(w.kind)) {
    return ChannelWait(RowOf(w.kind).name, "", {}, "", "");
  }
  const bool channel = w.kind == OpKind::kChannelRead || w.kind == OpKind::kChannelWrite;
  if (!channel || w.object >= kMaxObjectRecords) return "";
  const ObjectRecord& object = session_.mapping().objects[w.object];
  return ChannelWait(RowOf(w.kind).name, KindName(object.kind), PlaceOf(object.first_site),
                     Text(w.mine, sizeof w.mine), Text(w.others, sizeof w.others));
}

Finding TraceReader::Convert(const FindingRecord& record, const Trace* trace) const {
  Finding f;
  f.kind = NameOf(record.kind);
  f.partial = record.partial != 0;
  f.step = record.step;
  f.signature = fmt::format("{:016x}", record.signature);
  const bool held_by_other = record.kind == FindingKind::kContract && record.sides[1].site != 0;
  const bool two_sides = record.kind == FindingKind::kDataRace ||
                         record.kind == FindingKind::kAtomicity || held_by_other;
  const int sides = two_sides ? 2 : 1;
  if (record.cycle_length != 0) {
    f.cycle_begin = record.cycle_begin + 1;
    f.cycle_length = record.cycle_length;
  } else if (record.wait_count == 0) {
    for (int i = 0; i < sides; ++i) f.sides.push_back(ReadSide(record, i, trace));
  }
  for (uint32_t i = 0; i < std::min(record.wait_count, kMaxWaits); ++i) {
    const WaitRecord& w = record.waits[i];
    f.waits.push_back({TaskIndex(w.task), w.kind < OpKind::kCount ? RowOf(w.kind).name : "?",
                       ObjectIndex(w.object, trace), PlaceOf(w.site), StackOf(w.stack),
                       TaskIndex(w.holder), PlaceOf(w.holder_site), w.in_cycle != 0, w.spins != 0,
                       w.elsewhere != 0, WaitDetail(w)});
  }
  if (record.kind == FindingKind::kDataRace || record.kind == FindingKind::kMemory) {
    DescribeMemory(record, f);
    f.variable = VariableOf(record, f);
  }
  if (record.kind == FindingKind::kCrash && !f.sides.empty() && f.sides[0].place.function.empty() &&
      record.location.space == LocationSpace::kGlobal) {
    if (const auto* s = SymbolAt(record.location)) {
      f.sides[0].place.function = BareFunction(s->name);
    }
  }
  const int object = ObjectIndex(record.object, trace);
  const bool of_object =
      record.kind == FindingKind::kMisuse || record.kind == FindingKind::kStarvation;
  if (of_object && object >= 0) {
    f.variable = trace->objects[static_cast<size_t>(object)].name;
  }
  f.detail = Text(record.text2, sizeof record.text2);
  for (uint32_t i = 0; i < std::min(record.conflict_count, kMaxConflicts); ++i) {
    const SideRecord(&accesses)[2] = record.conflicts[i].sides;
    f.detail += ConflictLine(SideOf(FindingKind::kDataRace, accesses[0], trace),
                             SideOf(FindingKind::kDataRace, accesses[1], trace), trace);
  }
  f.message = FindingMessage(record.kind, Text(record.text, sizeof record.text), f, trace);
  if (record.is_measure != 0) {
    const std::string what = f.variable.empty() ? "" : "a task that waits for " + f.variable + ": ";
    f.message =
        fmt::format("{}{}: {}", what, Text(record.text, sizeof record.text), record.measure);
  }
  return f;
}

void TraceReader::ReadFindings(Trace& trace) const {
  const uint32_t count = std::min(session_.mapping().control.finding_count, kMaxFindings);
  for (uint32_t i = 0; i < count; ++i) {
    trace.findings.push_back(Convert(session_.mapping().findings[i], &trace));
  }
}

Trace TraceReader::ReadTrace() const {
  const Mapping& m = session_.mapping();
  Trace trace;
  ReadTasks(trace);
  ReadObjects(trace);
  ReadEvents(trace);
  for (uint32_t i = 0; i < std::min(m.control.note_count, kMaxNotes); ++i) {
    trace.notes.push_back({m.notes[i].step, TaskIndex(m.notes[i].task),
                           Text(m.notes[i].text, sizeof m.notes[i].text)});
  }
  trace.output.assign(m.output, std::min(m.control.last_output_size, kMaxOutput));
  trace.outcome = NameOf(m.control.last_outcome);
  trace.exit_code = m.control.last_exit_code;
  trace.schedule = ToSteps(
      session_.ScheduleAt(m.control.recorded_schedule_offset, m.control.recorded_schedule_runs));
  ReadFindings(trace);
  return trace;
}

std::vector<ScheduleStep> ToSteps(const std::vector<ScheduleRun>& runs) {
  std::vector<ScheduleStep> steps;
  for (const ScheduleRun& r : runs) steps.push_back({r.task, r.alternative, r.count});
  return steps;
}

std::vector<ScheduleRun> ToRuns(const std::vector<ScheduleStep>& steps) {
  std::vector<ScheduleRun> runs;
  for (const ScheduleStep& s : steps) {
    runs.push_back({static_cast<uint16_t>(s.task), 0, s.alternative, s.count});
  }
  return runs;
}

std::vector<RacyLocation> ToRacy(const std::vector<LocationKey>& keys) {
  std::vector<RacyLocation> locations;
  for (const LocationKey& k : keys) locations.push_back({SpaceName(k.space), k.a, k.b, k.offset});
  return locations;
}

std::vector<LocationKey> ToKeys(const std::vector<RacyLocation>& locations) {
  std::vector<LocationKey> keys;
  for (const RacyLocation& l : locations) {
    LocationKey key{};
    for (size_t i = 0; i < std::size(kSpaces); ++i) {
      if (l.space == kSpaces[i]) key.space = static_cast<LocationSpace>(i);
    }
    key.a = static_cast<uint32_t>(l.a);
    key.b = l.b;
    key.offset = l.offset;
    keys.push_back(key);
  }
  return keys;
}

}  // namespace csim
