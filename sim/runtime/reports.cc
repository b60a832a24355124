#include "sim/runtime/reports.h"

#include <csignal>
#include <cstdio>
#include <cstring>

#include "checker/deadlock.h"
#include "sim/runtime/descriptors/holders.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/locations.h"
#include "sim/runtime/program.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

void CopyText(char* to, size_t size, const char* from) {
  if (from == nullptr) from = "";
  strncpy(to, from, size - 1);
  to[size - 1] = 0;
}

SideRecord RecordOf(const RaceAccess& access) {
  SideRecord record{};
  record.task = static_cast<uint16_t>(access.task);
  record.is_write = IsWrite(access.kind);
  record.is_atomic = IsAtomic(access.kind);
  record.size = static_cast<uint32_t>(__builtin_popcount(access.mask));
  record.site = Index(access.site);
  record.stack = Index(access.stack);
  return record;
}

void FillHeapBlock(FindingRecord& record, uintptr_t address) {
  Block* block = g_runtime.heap.FindNear(address);
  if (block == nullptr) return;
  record.location_size = static_cast<uint32_t>(block->size);
  record.alloc_site = block->alloc_site;
  record.alloc_stack = block->alloc_stack;
  record.alloc_task = block->alloc_task;
  if (block->state == BlockState::kLive) return;
  record.free_task = block->free_task;
  record.free_site = block->free_site;
  record.free_stack = block->free_stack;
}

void FillLocation(FindingRecord& record, uintptr_t address) {
  record.location = LocationOf(address);
  if (record.location.space == LocationSpace::kHeap) FillHeapBlock(record, address);
  if (const SharedMemory::Mapped* shared = g_runtime.shared_memory.Find(address)) {
    record.alloc_site = shared->site;
    record.location_size = static_cast<uint32_t>(shared->end - shared->begin);
  }
}

// What the deadlock analysis says, as records; the signature's part that depends on it.
uint64_t FillWaits(FindingRecord& record, const Deadlock& deadlock, bool cycle_only) {
  uint64_t signature = 0;
  for (const Wait& wait : deadlock.waits) {
    if (record.wait_count == kMaxWaits) break;
    if (cycle_only && !wait.in_cycle) continue;
    WaitRecord& w = record.waits[record.wait_count++];
    w.task = static_cast<uint16_t>(wait.task);
    w.holder = static_cast<uint16_t>(wait.holder);
    w.in_cycle = wait.in_cycle;
    w.spins = wait.reason == WaitReason::kSpins;
    w.elsewhere = wait.reason == WaitReason::kHeldElsewhere;
    w.kind = wait.operation;
    w.object = Index(wait.object);
    w.site = Index(wait.site);
    w.stack = Index(wait.stack);
    w.holder_site = Index(wait.held_site);
    w.holder_stack = Index(wait.held_stack);
    const bool reads = wait.reason == WaitReason::kNothingToRead;
    if (reads || wait.reason == WaitReason::kNoRoom) {
      NameHolders(wait.object, !reads, w.mine, sizeof w.mine);
      NameHolders(wait.object, reads, w.others, sizeof w.others);
    }
    signature += (w.site + 1) * uint64_t{0x9e3779b97f4a7c15} ^ static_cast<uint64_t>(w.kind);
  }
  return signature;
}

// A deadlock's place is that of its first waiting task.
void NameDeadlock(FindingRecord& record) {
  if (record.wait_count == 0) return;
  record.sides[0].task = record.waits[0].task;
  record.sides[0].site = 0;
  record.sides[0].stack = record.waits[0].stack;
  record.object = record.waits[0].object;
}

void CommitDeadlock(const Deadlock& deadlock) {
  // Tasks that block each other are the cause, if there are any; else those that spin.
  bool spins = false;
  for (const Wait& wait : deadlock.waits) spins |= wait.reason == WaitReason::kSpins;
  const bool livelock = spins && deadlock.cycle.empty();
  FindingRecord* record =
      g_runtime.shared->findings.Begin(livelock ? FindingKind::kLivelock : FindingKind::kDeadlock);
  if (record == nullptr) return;
  const uint64_t signature = FillWaits(*record, deadlock, false);
  NameDeadlock(*record);
  g_runtime.shared->findings.Commit(record, signature);
}

// The running task's process has crashed. Others do not notice but by waiting for it.
[[noreturn]] void EndByBug(Outcome outcome, int signal) {
  constexpr int kDumped = 0x80;
  if (g_runtime.machine().process_count() == 1) EndExecution(outcome, 128 + signal);
  EndProcess(signal | kDumped);
}

}  // namespace

void RaceReporter::OnRace(const Race& race) {
  const uintptr_t granule = AddressOf(Spot{race.granule});
  if (!g_runtime.config().keep_points) g_runtime.racy.Add(g_runtime.mapping, LocationOf(granule));
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kDataRace);
  if (record == nullptr) return;
  record->sides[0] = RecordOf(race.prior);
  record->sides[1] = RecordOf(race.current);
  FillLocation(*record, granule + static_cast<unsigned>(__builtin_ctz(race.current.mask)));
  g_runtime.shared->findings.Commit(record, 0);
}

void ReportDeadlock() {
  Deadlock deadlock(g_runtime.shared->memory);
  const DescriptorUsers users;
  FindDeadlock(g_runtime.machine(), deadlock, &users);
  CommitDeadlock(deadlock);
}

void CheckLockCycle(TaskId task) {
  if (!InLockCycle(g_runtime.machine(), task)) return;
  Deadlock deadlock(g_runtime.shared->memory);
  FindDeadlock(g_runtime.machine(), deadlock);
  Execution& execution = g_runtime.execution();
  if (execution.cycle.wait_count > 0) return;  // the first one of an execution is kept
  Findings::Fill(FindingKind::kDeadlock, &execution.cycle);
  execution.cycle.partial = true;
  execution.cycle_signature = FillWaits(execution.cycle, deadlock, true);
}

// A cycle of locks is known when it closes, but how much of the program it takes with it only at the
// end: if all of it, the deadlock of all tasks is the finding.
void ReportPartialDeadlock() {
  Execution& execution = g_runtime.execution();
  if (execution.cycle.wait_count == 0 || execution.outcome == Outcome::kDeadlock) return;
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kDeadlock);
  if (record == nullptr) return;
  *record = execution.cycle;
  NameDeadlock(*record);
  g_runtime.shared->findings.Commit(record, execution.cycle_signature);
}

namespace {

// Something about a task's process, which was made where the task was.
void ReportProcess(const TaskState& task, const char* text, uint64_t extra) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kProcess);
  if (record == nullptr) return;
  record->sides[0].task = static_cast<uint16_t>(task.id);
  record->sides[0].site = Index(task.created_at);
  record->sides[0].stack = Index(task.created_stack);
  CopyText(record->text, sizeof record->text, text);
  g_runtime.shared->findings.Commit(record, extra);
}

// Shared locks that the task still holds, now that its process has ended.
void ReportHeldByDead(const TaskState& task) {
  for (const HeldLock& held : task.held) {
    if (SpaceOf(g_runtime.objects().tracked(held.object).spot) != kNoSpace) continue;
    char text[128];
    snprintf(text, sizeof text, "P%u ended while it held a lock that other processes share",
             Index(task.process));
    ReportProcess(task, text, 3 + Index(held.site));
  }
}

}  // namespace

void ReportProcesses() {
  const Machine& machine = g_runtime.machine();
  if (machine.process_count() == 1 || g_runtime.execution().outcome != Outcome::kCompleted) return;
  char text[128];
  for (uint32_t i = 1; i < machine.process_count(); ++i) {
    const ProcessState& process = machine.process(ProcessId{static_cast<uint16_t>(i)});
    const TaskState& main = machine.task(process.main);
    if (process.neglected) {
      snprintf(text, sizeof text, "zombie: P%u ended, and its parent never waited for it", i);
      ReportProcess(main, text, 1);
    }
    // Who has left the session of the program is meant to outlive it.
    if (process.orphan && process.session == machine.process(kMainProcess).session) {
      snprintf(text, sizeof text, "orphan: the parent of P%u ended before it", i);
      ReportProcess(main, text, 2);
    }
  }
  for (uint32_t i = 0; i < machine.task_count(); ++i) {
    const TaskState& task = machine.task(TaskId{static_cast<uint16_t>(i)});
    if (task.status == TaskStatus::kFinished) ReportHeldByDead(task);
  }
}

void ReportMisuse() {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kMisuse);
  if (record == nullptr) return;
  const Machine& machine = g_runtime.machine();
  record->misuse = static_cast<uint8_t>(machine.last_misuse());
  record->object = Index(machine.misuse_object());
  const Spot spot = g_runtime.objects().tracked(machine.misuse_object()).spot;
  if (spot != kNoSpot && SpaceOf(spot) == g_runtime.space) {
    FillLocation(*record, AddressIn(spot));
  } else {
    record->location = g_runtime.objects().LocationOf(machine.misuse_object());
  }
  CopyText(record->text, sizeof record->text, NameOf(machine.last_misuse()));
  g_runtime.shared->findings.Commit(record, 0);
}

void ReportMisuseText(const char* text, uint64_t extra) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kMisuse);
  if (record == nullptr) return;
  CopyText(record->text, sizeof record->text, text);
  g_runtime.shared->findings.Commit(record, extra);
}

void ReportPassing(const OpResult& result) {
  Passing passing;
  Shared& shared = *g_runtime.shared;
  if (!shared.fairness.After(g_runtime.machine(), result, &passing)) return;
  FindingRecord* const largest = shared.findings.Measure(
      FindingKind::kStarvation, "passed, largest number of times", passing.times, passing.lock);
  if (largest != nullptr) largest->request = passing.request;
  const uint32_t bound = g_runtime.config().fairness_bound;
  if (passing.times <= bound) return;
  FindingRecord* const record = shared.findings.Begin(FindingKind::kStarvation);
  if (record == nullptr) return;
  record->object = Index(passing.lock);
  record->request = passing.request;
  snprintf(record->text, sizeof record->text, "others take the lock %u times while it waits",
           passing.times);
  shared.findings.Commit(record, g_runtime.machine().object(passing.lock).name);
}

void ReportAssertion(const char* expression, const char* values) {
  ReportFailed(FindingKind::kAssertion, expression, values);
}

void ReportFailed(FindingKind kind, const char* text, const char* detail) {
  FindingRecord* record = g_runtime.shared->findings.Begin(kind);
  if (record != nullptr) {
    CopyText(record->text, sizeof record->text, text);
    CopyText(record->text2, sizeof record->text2, detail);
    g_runtime.shared->findings.Commit(record, 0);
  }
  EndByBug(Outcome::kAssertion, SIGABRT);
}

void ReportContract(const char* text, TaskId holder, SiteId held_at) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kContract);
  if (record != nullptr) {
    CopyText(record->text, sizeof record->text, text);
    record->sides[1].task = static_cast<uint16_t>(holder);
    record->sides[1].site = Index(held_at);
    g_runtime.shared->findings.Commit(record, 0);
  }
  EndByBug(Outcome::kAssertion, SIGABRT);
}

void ReportAtomicity(SiteId site, StackId stack) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kAtomicity);
  if (record != nullptr) {
    const Serializability& checker = g_runtime.shared->serializability;
    record->sides[0].site = Index(site);
    record->sides[0].stack = Index(stack);
    record->sides[1].task = record->sides[0].task;
    record->sides[1].site = Index(checker.block().site);
    record->sides[1].stack = Index(checker.block().stack);
    for (const Serializability::Conflict& conflict : checker.cycle()) {
      if (record->conflict_count == kMaxConflicts) break;
      ConflictRecord& c = record->conflicts[record->conflict_count++];
      const Serializability::Access* accesses[] = {&conflict.first, &conflict.second};
      for (int i = 0; i < 2; ++i) {
        c.sides[i].task = static_cast<uint16_t>(accesses[i]->task);
        c.sides[i].is_write = accesses[i]->writes;
        c.sides[i].site = Index(accesses[i]->site);
        c.sides[i].stack = Index(accesses[i]->stack);
      }
    }
    g_runtime.shared->findings.Commit(record, 0);
  }
  EndByBug(Outcome::kAssertion, SIGABRT);
}

void ReportCrash(int signal, uintptr_t address, uintptr_t pc, const char* text) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kCrash);
  if (record != nullptr) {
    record->signal = signal;
    record->address = address;
    const Execution& execution = g_runtime.execution();
    if (address >= execution.access_begin && address < execution.access_end) {
      record->sides[0].site = Index(execution.access_site);
    }
    if (g_runtime.images.count() > 0 && g_runtime.images[0].whole.Contains(pc)) {
      record->location = {
          LocationSpace::kGlobal, {}, 0, g_runtime.program, pc - g_runtime.images[0].base};
    }
    CopyText(record->text, sizeof record->text, text);
    const int image = g_runtime.images.Find(pc);
    g_runtime.shared->findings.Commit(record, image < 0 ? 0 : pc - g_runtime.images[image].base);
  }
  EndByBug(Outcome::kCrash, signal);
}

void ReportException(const char* type, const char* what) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kException);
  if (record != nullptr) {
    CopyText(record->text, sizeof record->text, what);
    CopyText(record->text2, sizeof record->text2, type);
    g_runtime.shared->findings.Commit(record, 0);
  }
  EndByBug(Outcome::kException, SIGABRT);
}

void ReportLimit(Outcome outcome, const char* text) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kLimit);
  if (record != nullptr) {
    record->outcome = outcome;
    CopyText(record->text, sizeof record->text, text);
    g_runtime.shared->findings.Commit(record, static_cast<uint64_t>(outcome));
  }
  EndExecution(outcome, 0);
}

void NoteLimit(const char* text) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kLimit);
  if (record == nullptr) return;
  uint64_t hash = 0;
  for (const char* c = text; *c != 0; ++c) hash = hash * 31 + static_cast<unsigned char>(*c);
  record->partial = true;
  CopyText(record->text, sizeof record->text, text);
  g_runtime.shared->findings.Commit(record, hash);
}

void ReportUncontrolled(const char* call) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kUncontrolled);
  if (record != nullptr) {
    CopyText(record->text, sizeof record->text, call);
    g_runtime.shared->findings.Commit(record, 0);
  }
  EndExecution(Outcome::kUncontrolled, 0);
}

void ReportMemory(const char* what, uintptr_t address, uint32_t size, bool is_write, SiteId site) {
  FindingRecord* record = g_runtime.shared->findings.Begin(FindingKind::kMemory);
  if (record == nullptr) return;
  record->sides[0].is_write = is_write;
  record->sides[0].size = size;
  if (site != kNoSite) record->sides[0].site = Index(site);
  FillLocation(*record, address);
  CopyText(record->text, sizeof record->text, what);
  g_runtime.shared->findings.Commit(record, what[0]);
}

}  // namespace csim
