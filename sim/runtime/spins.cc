#include "sim/runtime/spins.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/abi/csim_abi.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/locations.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

extern "C" {
CallerState csim_caller_state;
CallerState csim_switch_state;
}

bool SavesCaller(OpKind kind) {
  switch (kind) {
    case OpKind::kAtomicLoad:
    case OpKind::kAtomicStore:
    case OpKind::kAtomicRmw:
    case OpKind::kAtomicCas:
    case OpKind::kPlainRead:
    case OpKind::kMutexLock:
    case OpKind::kMutexTryLock:
    case OpKind::kSpinTryLock:
    case OpKind::kNameLook:
    case OpKind::kNameChange:
    case OpKind::kYield:
    case OpKind::kSleep:
    case OpKind::kChannelTryRead:
    case OpKind::kChannelTryWrite:
    case OpKind::kSignalTryWait: return true;
    default: return false;
  }
}

namespace {

bool IsAtomicWrite(OpKind kind) {
  return kind == OpKind::kAtomicStore || kind == OpKind::kAtomicRmw || kind == OpKind::kAtomicCas;
}

// True if the operation, performed with this result, has left everything as it was, or its effect is
// in the set of held locks.
bool InVain(OpKind kind, const OpResult& result) {
  switch (kind) {
    case OpKind::kAtomicLoad:
    case OpKind::kPlainRead:
    case OpKind::kFence:
    case OpKind::kYield:
    case OpKind::kSleep:
    case OpKind::kSemGetValue: return true;
    case OpKind::kMutexLock:
    case OpKind::kMutexUnlock:
    case OpKind::kReadLock:
    case OpKind::kWriteLock:
    case OpKind::kRwUnlock:
    case OpKind::kSpinLock:
    case OpKind::kSpinUnlock: return result.error == 0 && !result.blocked;
    case OpKind::kMutexTryLock:
    case OpKind::kReadTryLock:
    case OpKind::kWriteTryLock:
    case OpKind::kSpinTryLock: return result.error == 0 || result.error == EBUSY;
    case OpKind::kChannelTryRead:
    case OpKind::kChannelTryWrite:
    case OpKind::kSignalTryWait:
    case OpKind::kSemTryWait: return result.error != 0;
    case OpKind::kNameLook: return true;
    case OpKind::kNameChange: return result.value == 0;
    default: return false;
  }
}

uint32_t HeldHash(const TaskState& task) {
  uint32_t hash = 1;
  for (const HeldLock& held : task.held) hash = hash * 31 + Index(held.object) + 2 * held.depth;
  return hash;
}

}  // namespace

void Spins::Clear(Log& log) {
  log.count = 0;
  log.stack_used = 0;
  log.read_count = 0;
  log.idle_round = false;
  log.vain_round = false;
  log.head_count = 0;
}

void Spins::BeginExecution() {
  watching_ = false;
  csim_caller_state.sp = 0;
  for (uint32_t i = 0; i < g_runtime.machine().task_count() && i < kMaxTasks; ++i) {
    Clear(logs_[i]);
    logs_[i].arrived = false;
  }
}

// Fills log.pending. False if the state is not known, or too large to be kept.
bool Spins::Save(Log& log, const Operation& operation) {
  const CallerState& state = csim_caller_state;
  const TaskBody& body = g_runtime.body(g_runtime.current());
  const auto base = reinterpret_cast<uintptr_t>(g_runtime.pool.slot(body.slot).stack_base);
  if (state.sp == 0 || state.sp >= base || base - state.sp > kMaxStack) return false;
  const auto size = static_cast<uint32_t>(base - state.sp);
  if (log.count == kEntries || log.stack_used + size > kStackBytes) Clear(log);
  Entry& entry = log.pending;
  memcpy(entry.registers, state.registers, sizeof state.registers);
  entry.registers[6] = state.sp;
  entry.stack_offset = log.stack_used;
  entry.stack_size = size;
  const TaskState& task = g_runtime.machine().task(g_runtime.current());
  entry.held = HeldHash(task);
  entry.held_count = static_cast<uint32_t>(task.held.size());
  entry.kind = operation.kind;
  entry.object = operation.object;
  memcpy(log.stacks + log.stack_used, reinterpret_cast<const void*>(state.sp), size);
  return true;
}

bool Spins::Same(const Log& log, const Entry& a, const Entry& b) {
  return a.stack_size == b.stack_size && a.registers[6] == b.registers[6] && a.kind == b.kind &&
         a.object == b.object && a.held == b.held &&
         memcmp(a.registers, b.registers, sizeof a.registers) == 0 &&
         memcmp(log.stacks + a.stack_offset, log.stacks + b.stack_offset, a.stack_size) == 0;
}

// Fills the task's watch with what the entries looked at. False if any of that has changed since.
bool Spins::FindWatched(const Log& log, uint32_t from) {
  Machine& machine = g_runtime.machine();
  auto& watch = machine.task(g_runtime.current()).watch;
  watch.clear();
  bool unchanged = true;
  for (uint32_t i = from; i < log.count; ++i) {
    const Entry& entry = log.entries[i];
    if (entry.object == kNoObject) continue;
    unchanged &= machine.object(entry.object).changes == entry.changes;
    bool known = false;
    for (const Watched& w : watch) known |= w == Watched{entry.object, entry.changes};
    if (!known) watch.push_back({entry.object, entry.changes});
  }
  return unchanged;
}

void Spins::WaitForChange(Operation& operation) {
  const auto& watch = g_runtime.machine().task(g_runtime.current()).watch;
  operation.spin = Spin::kNarrow;
  if (watch.empty()) return;
  if (operation.object == kNoObject) operation.object = watch[0].object;
  for (const Watched& w : watch) {
    if (w.object == operation.object) continue;
    if (operation.object2 != kNoObject) operation.spin = Spin::kWide;
    operation.object2 = w.object;
  }
}

// Adds what the log has read to the racy locations. True if some of it is no scheduling point in this
// execution.
bool Spins::MakeRacy(const Log& log) {
  bool more = false;
  for (uint32_t i = 0; i < log.read_count; ++i) {
    const LocationKey key = LocationOf(log.reads[i]);
    if (g_runtime.racy.Contains(g_runtime.mapping, key, g_runtime.execution().racy_active))
      continue;
    if (g_runtime.control().racy_count == kMaxRacy) continue;
    g_runtime.racy.Add(g_runtime.mapping, key);
    more = true;
  }
  return more;
}

// The pending state becomes the first of an empty log.
void Spins::StartRound(Log& log) {
  log.head_count = 0;
  memmove(log.stacks, log.stacks + log.pending.stack_offset, log.pending.stack_size);
  log.pending.stack_offset = 0;
  log.count = log.stack_used = 0;
}

namespace {

// Whether a task that has gone round a loop in vain stands still from then on. Not in virtual time: there
// others go on because the task waits, and that does not come as well without the round.
bool GivesUp() {
  return g_runtime.shared->strategy->GivesUpVainRounds() && g_runtime.config().timeouts_any;
}

}  // namespace

// The task is where it was at entry `from`.
void Spins::Repeats(Log& log, uint32_t from, Operation& operation) {
  // Inside a critical section of the loop nobody waits: the lock would never be free for whoever is to
  // change what the loop looks at. Another point of the loop lies outside.
  for (uint32_t i = from; i < log.count; ++i) {
    if (log.entries[i].held_count < log.pending.held_count) return;
  }
  const bool give_up = GivesUp();
  if (!FindWatched(log, from)) {
    log.read_count = 0;
    if (give_up) operation.spin = Spin::kVain;
  } else if (!g_runtime.machine().task(g_runtime.current()).watch.empty()) {
    WaitForChange(operation);
    if (give_up) operation.spin = Spin::kVain;
  } else if (!log.idle_round) {
    log.idle_round = true;  // what it reads from here on, it reads in the loop
    log.read_count = 0;
  } else if (!MakeRacy(log)) {
    WaitForChange(operation);  // for ever
  }
  StartRound(log);
}

// A round was in vain if its loop has come back to the same state and nothing was done in between but
// what the log holds.
void Spins::OnRound(const Head& head, bool again) {
  if (!GivesUp()) return;
  Log& log = LogOf(g_runtime.current());
  const uint32_t held = HeldHash(g_runtime.machine().task(g_runtime.current()));
  // Frames grow downwards: loops of functions that have returned are over.
  while (log.head_count > 0 && log.heads[log.head_count - 1].head.sp < head.sp) --log.head_count;
  for (uint32_t i = log.head_count; i-- > 0;) {
    Log::Visit& visit = log.heads[i];
    if (visit.head.function != head.function || visit.head.number != head.number ||
        visit.head.sp != head.sp) {
      continue;
    }
    log.head_count = i + 1;
    log.vain_round =
        again && visit.head.state == head.state && visit.held == held && visit.count < log.count;
    log.vain_from = visit.count;
    visit = {head, log.count, held};
    return;
  }
  log.vain_round = false;
  if (log.head_count < kHeads) log.heads[log.head_count++] = {head, log.count, held};
}

void Spins::Arrive(Operation& operation) {
  Log& log = LogOf(g_runtime.current());
  if (log.vain_round && log.vain_from < log.count) {
    FindWatched(log, log.vain_from);
    operation.spin = Spin::kVain;
    csim_caller_state.sp = 0;
    return;
  }
  log.arrived = SavesCaller(operation.kind) && Save(log, operation);
  csim_caller_state.sp = 0;
  if (!log.arrived) return;
  for (uint32_t i = log.count; i-- > 0;) {
    if (Same(log, log.entries[i], log.pending)) return Repeats(log, i, operation);
  }
}

// The operation was in vain, and looked at `object`.
void Spins::Append(Log& log, ObjectId object) {
  if (!log.arrived) {
    if (log.count == 0) return;  // where the state is not known no loop begins
    log.pending.stack_size = 0;
    log.pending.held_count = ~0u;
  }
  log.arrived = false;
  if (log.count == kEntries) return Clear(log);
  Entry& entry = log.entries[log.count++];
  entry = log.pending;
  log.stack_used += entry.stack_size;
  entry.object = object;
  const auto held = g_runtime.machine().task(g_runtime.current()).held.size();
  entry.held_count = std::min(entry.held_count, static_cast<uint32_t>(held));
  if (object != kNoObject) entry.changes = g_runtime.machine().object(object).changes;
  // Its next access to each granule has to be seen: a write would not be in vain.
  g_runtime.detector().Advance(g_runtime.current());
}

void Spins::Done(const Operation& operation, const OpResult& result) {
  if (IsAtomicWrite(operation.kind)) return;  // DoneAtomic will come
  if (InVain(operation.kind, result)) {
    const bool looks = operation.kind != OpKind::kYield && operation.kind != OpKind::kSleep;
    return Append(LogOf(g_runtime.current()), looks ? operation.object : kNoObject);
  }
  if (operation.kind == OpKind::kPlainWrite) g_runtime.machine().NoteChange(operation.object);
  OnEffect();
}

void Spins::DoneAtomic(ObjectId object, bool changed) {
  if (!changed) return Append(LogOf(g_runtime.current()), object);
  g_runtime.machine().NoteChange(object);
  OnEffect();
}

void Spins::OnRead(uintptr_t granule) {
  Log& log = LogOf(g_runtime.current());
  if ((log.count == 0 && !watching_) || log.read_count == kReads) return;
  for (uint32_t i = 0; i < log.read_count; ++i) {
    if (log.reads[i] == granule) return;
  }
  log.reads[log.read_count++] = granule;
}

void Spins::OnWrite(uintptr_t address) {
  const TaskBody& body = g_runtime.body(g_runtime.current());
  if (g_runtime.pool.slot(body.slot).stack.Contains(address)) {
    // For others; its own state shows it anyway, but not at the head of a loop.
    LogOf(g_runtime.current()).head_count = 0;
    g_runtime.machine().NoteEffect(g_runtime.current());
  } else {
    OnEffect();
  }
}

void Spins::OnEffect() {
  watching_ = false;
  Clear(LogOf(g_runtime.current()));
  g_runtime.machine().NoteEffect(g_runtime.current());
}

void Spins::WatchReads() {
  Clear(LogOf(g_runtime.current()));
  watching_ = true;
  csim_state_v1.epoch = 0;  // equal to no cell's: the inlined fast paths let nothing through
}

bool Spins::EndWatchReads() {
  if (!watching_) return false;
  watching_ = false;
  return MakeRacy(LogOf(g_runtime.current()));
}

bool Spins::MakeReadsRacy() {
  bool more = false;
  for (TaskId task : g_runtime.machine().live_tasks()) {
    if (g_runtime.machine().SpinsInVain(g_runtime.machine().task(task))) {
      more |= MakeRacy(LogOf(task));
    }
  }
  return more;
}

}  // namespace csim
