#include "sim/runtime/engine.h"

#include <sys/mman.h>

#include <cstring>
#include <optional>

#include "sim/runtime/entry.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/output.h"
#include "sim/runtime/parts.h"
#include "sim/runtime/program.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"
#include "sim/runtime/signals.h"

namespace csim {

namespace {

// A copy of the schedule that stays as long as the part. Its offset in the mapping.
uint64_t Keep(const Schedule& schedule) {
  const auto& runs = schedule.runs();
  auto* copy = static_cast<ScheduleRun*>(
      g_runtime.shared->part_memory->allocate((runs.size() + 1) * sizeof(ScheduleRun), 16));
  for (size_t i = 0; i < runs.size(); ++i) {
    copy[i] = {static_cast<uint16_t>(runs[i].choice.task), 0, runs[i].choice.alternative,
               runs[i].count};
  }
  return static_cast<uint64_t>(reinterpret_cast<char*>(copy) -
                               reinterpret_cast<char*>(g_runtime.mapping));
}

uint64_t KeepSchedule() { return Keep(g_runtime.shared->schedule); }

uint32_t ScheduleRuns() { return static_cast<uint32_t>(g_runtime.shared->schedule.runs().size()); }

uint64_t HashOutput(const char* text, uint32_t size, uint64_t extra) {
  uint64_t hash = extra * 0x9e3779b97f4a7c15 + size;
  for (uint32_t i = 0; i < size; ++i) hash = (hash ^ static_cast<uint8_t>(text[i])) * 0x100000001b3;
  return hash;
}

// Counts the output and exit code of the finished execution among the outcomes.
void CountOutcome(Outcome outcome) {
  const Execution& execution = g_runtime.execution();
  Control& control = g_runtime.control();
  const char* text = g_runtime.mapping->output;
  const uint64_t hash =
      HashOutput(text, execution.output_size,
                 static_cast<uint64_t>(static_cast<uint32_t>(execution.exit_code)) << 8 |
                     static_cast<uint64_t>(outcome));
  for (uint32_t i = 0; i < control.outcome_count; ++i) {
    if (g_runtime.mapping->outcomes[i].hash != hash) continue;
    ++g_runtime.mapping->outcomes[i].executions;
    return;
  }
  if (control.outcome_count == kMaxOutcomes) {
    ++control.outcomes_lost;
    return;
  }
  OutcomeRecord& record = g_runtime.mapping->outcomes[control.outcome_count++];
  void* copy = g_runtime.shared->part_memory->allocate(execution.output_size + 1, 1);
  memcpy(copy, text, execution.output_size);
  record = OutcomeRecord{hash, execution.exit_code,   outcome,        1, control.executions + 1,
                         0,    execution.output_size, ScheduleRuns(), 0, execution.racy_active};
  record.output_offset =
      static_cast<uint64_t>(static_cast<char*>(copy) - reinterpret_cast<char*>(g_runtime.mapping));
  record.schedule_offset = KeepSchedule();
}

bool IsCut(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCutSteps:
    case Outcome::kCutAssume:
    case Outcome::kEndlessLoop:
    case Outcome::kMemoryLimit:
    case Outcome::kTaskLimit:
    case Outcome::kTimerLimit: return true;
    default: return false;
  }
}

// Whether the part is over after the running execution, and why.
std::optional<PartEnd> EndOfPart(bool more) {
  const Execution& execution = g_runtime.execution();
  const Control& control = g_runtime.control();
  const Config& config = g_runtime.config();
  if (execution.outcome == Outcome::kUncontrolled || execution.outcome == Outcome::kDiverged) {
    return PartEnd::kUncontrolled;
  }
  if (g_runtime.shared->findings.bug_in_execution() && !config.keep_going && !config.all_outcomes) {
    return PartEnd::kBug;
  }
  if (control.racy_count > execution.racy_active && !config.record && !config.keep_points)
    return PartEnd::kRacy;
  if (!more) return PartEnd::kFinished;
  if (control.executions >= g_runtime.mapping->part.executions) return PartEnd::kExecutions;
  if (control.stop_request.load() != 0) return PartEnd::kStopped;
  return std::nullopt;
}

void Account() {
  Execution& execution = g_runtime.execution();
  Control& control = g_runtime.control();
  const Outcome outcome = execution.outcome;
  control.last_outcome = outcome;
  control.last_exit_code = execution.exit_code;
  control.last_output_size = execution.output_size;
  control.last_steps = execution.step;
  if (g_runtime.shared->findings.seen_in_execution()) {
    g_runtime.shared->findings.EndExecution(outcome, KeepSchedule(), ScheduleRuns());
  }
  if (outcome == Outcome::kRedundant || outcome == Outcome::kVain) {
    g_runtime.shared->findings.ForgetRepetitions();
  }
  if (outcome == Outcome::kRedundant) ++control.redundant;
  if (outcome == Outcome::kVain) ++control.vain;
  const bool whole = !IsCut(outcome) && outcome != Outcome::kRedundant && outcome != Outcome::kVain;
  if (g_runtime.config().all_outcomes && whole) CountOutcome(outcome);
  ++control.executions;
  control.steps += execution.step;
  if (IsCut(outcome)) ++control.cut;
  g_runtime.shared->execution_open = false;
  const bool more = g_runtime.shared->strategy->FinishExecution(outcome);
  if (const std::optional<PartEnd> end = EndOfPart(more)) {
    EndPart(*end, !more);
  } else {
    KeepPartIfWanted();
  }
}

void FinishRecording() {
  Control& control = g_runtime.control();
  g_runtime.recorder.End();
  if (!g_runtime.config().record) return;
  control.recorded_schedule_offset = KeepSchedule();
  control.recorded_schedule_runs = ScheduleRuns();
}

void BeginExecution() {
  Execution& execution = g_runtime.execution();
  Shared& shared = *g_runtime.shared;
  ++shared.executions_begun;
  const uint32_t used_tasks = shared.machine.task_count();
  for (uint32_t i = 0; i < used_tasks && i < kMaxTasks; ++i) execution.bodies[i] = TaskBody{};
  execution.number = shared.executions_begun;
  execution.step = 0;
  execution.outcome = Outcome::kCompleted;
  execution.exit_code = 0;
  execution.cycle.wait_count = 0;
  execution.output_size = 0;
  execution.written = 0;
  execution.fresh_wanted = false;
  execution.knows_time = false;
  execution.access_begin = execution.access_end = 0;
  execution.random = 0x9e3779b97f4a7c15;
  execution.racy_active = shared.racy_active;
  g_runtime.spins.BeginExecution();
  shared.detector->BeginExecution();
  shared.machine.Reset({g_runtime.config().timeouts_any, g_runtime.config().spurious_wakeups},
                       shared.detector);
  shared.objects.Reset();
  shared.shared_pieces.count = 0;
  shared.shared_pieces.anonymous = 0;
  shared.shared_pieces.anonymous_end = 0;
  shared.shared_pieces.next_address = 0;
  shared.processes[0] = {};
  shared.slot_users = 0;
  shared.engine_turn = false;
  shared.errand.function = nullptr;
  shared.programs_executed = 0;
  shared.main_moved = false;
  TakeDetectorSlot(kNoTask, kMainTask);
  shared.descriptors.BeginExecution();
  shared.fairness.BeginExecution();
  shared.memory_objects.BeginExecution();
  shared.detector->StartTask(kMainTask, 0);
  shared.schedule.Clear();
  shared.order.BeginExecution();
  shared.capabilities.BeginExecution();
  shared.serializability.BeginExecution();
  g_runtime.shared->findings.BeginExecution();
  g_runtime.recorder.Begin(g_runtime.config().record);
  shared.state.BeginExecution();
  shared.strategy->BeginExecution();
  const Config& config = g_runtime.config();
  const Cycle cycle = shared.strategy->cycle();
  shared.cycle_watch.BeginExecution(
      cycle.length != 0 ? cycle : Cycle{config.cycle_begin, config.cycle_length});
  if (g_runtime.config().use_stdin) RawSyscall(SYS_lseek, 0, 0, 0 /* SEEK_SET */);
  shared.execution_open = true;
}

void RunProgram() {
  Execution& execution = g_runtime.execution();
  PoolThread& main_slot = g_runtime.pool.slot(0);
  main_slot.task = kMainTask;
  main_slot.used = true;
  execution.bodies[0].context = g_runtime.shared->contexts->root();
  PrepareContext(main_slot.context, main_slot.stack_base, &RunMain, nullptr);
  EnterTask(kMainTask);
  execution.active = true;
  g_runtime.control().in_execution = 1;
  csim_runtime_stack_top = main_slot.runtime_stack_top;
  SwitchContext(g_runtime.engine_context, main_slot.context);
  csim_runtime_stack_top = nullptr;
  g_runtime.control().in_execution = 0;
  execution.active = false;
  TakeStrayOutput();
}

void RestoreProgram() {
  g_runtime.shared_memory.Reset();
  g_runtime.shared_memory.ClearFile();
  g_runtime.snapshot.Restore(g_runtime.machine().process_count() > 1);
  g_runtime.heap.Restore();
  g_runtime.pool.Restore();
  RestoreProgramState();
  ForgetOpenSemaphores();
  RestoreRealDescriptors();
}

// The process died with the execution open (killed from outside): it counts as lost.
void AccountForLost() {
  g_runtime.execution().outcome = Outcome::kLost;
  g_runtime.execution().active = false;
  ++g_runtime.control().cut;
  ++g_runtime.control().lost;
  Account();
}

}  // namespace

bool KeepScheduleInOrder(FindingRecord* record) {
  Shared& shared = *g_runtime.shared;
  Schedule schedule(shared.memory);
  const bool known = shared.fairness.InOrder(shared.machine, record->request, &schedule);
  if (!known || schedule.size() != shared.schedule.size()) return false;
  record->schedule_offset = Keep(schedule);
  record->schedule_runs = static_cast<uint32_t>(schedule.runs().size());
  return true;
}

void RecordChoice(const Choice& choice) { g_runtime.shared->schedule.Append(choice); }

void FailExploration(const char* why) {
  Control& control = g_runtime.control();
  strncpy(control.failure, why, sizeof(control.failure) - 1);
  control.phase = Phase::kFailed;
  RingDoorbell();
  if (!g_runtime.worker) KillWorker();
  ExitProcess(kWorkerFailed);
}

void EndExecution(Outcome outcome, int exit_code) {
  g_runtime.execution().outcome = outcome;
  g_runtime.execution().exit_code = exit_code;
  if (g_runtime.worker) LeaveFor(g_runtime.engine_context);
  g_runtime.shared->engine_turn = true;
  LeaveForWorker();
}

void RunEngine(void*) {
  {
    const InternalScope internal;
    g_runtime.mapping->made_files.Remove();  // of an execution whose process died
  }
  if (g_runtime.shared->execution_open) AccountForLost();
  for (;;) {
    AwaitPart();
    if (g_runtime.control().stop_request.load() != 0) {
      EndPart(PartEnd::kStopped, false);
      continue;
    }
    BeginExecution();
    RunProgram();
    EndProcesses();
    g_runtime.shared->memory_objects.EndExecution();
    g_runtime.mapping->made_files.Remove();
    ReportPartialDeadlock();
    ReportProcesses();
    FinishRecording();
    Account();
    if (g_runtime.config().restart_mode == RestartMode::kFork ||
        g_runtime.execution().fresh_wanted || HasOtherLibraries() ||
        !g_runtime.kernel_state.Restore()) {
      g_runtime.shared_memory.Reset();
      DismissSpares();
      ExitProcess(kWorkerFresh);
    }
    RestoreProgram();
  }
}

}  // namespace csim
