#include "sim/runtime/gate.h"

#include <cerrno>
#include <cstring>

#include "checker/deadlock.h"
#include "sim/runtime/atomicity.h"
#include "sim/runtime/delivery.h"
#include "sim/runtime/engine.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {

// Constant-initialised: constructors of the program may call us before our own would have run.
constinit Runtime g_runtime;

SiteId Runtime::CallSite() const { return shared->contexts->SiteOf(csim_state_v1.call_site); }
StackId Runtime::CurrentStack() const { return shared->contexts->IdOf(csim_state_v1.context); }

StackId Runtime::StackWithLocks() {
  csim_context* node = csim_state_v1.context;
  const auto& all_held = machine().task(current()).held;
  if (all_held.empty()) return shared->contexts->IdOf(node);
  StackCache& cache = stack_cache;
  const uint64_t version = machine().held_version();
  if (cache.context != node || cache.held_version != version || cache.task != current()) {
    cache = {node, version, current(), kNoStack};
    for (const HeldLock& held : all_held) {
      node =
          shared->contexts->WithLock(node, held.object, held.mode == LockMode::kShared, held.site);
    }
    cache.stack = shared->contexts->IdOf(node);
  }
  return cache.stack;
}

// Where the program's state is looked at, no epoch may lie in it, and code that compares one may leave it on the stack: 0 is
// equal to none, so that all accesses come here.
void RefreshEpoch() {
  csim_state_v1.epoch =
      g_runtime.config().every_round ? 0 : g_runtime.detector().EpochOf(g_runtime.current());
}

void EnterTask(TaskId task) {
  g_runtime.execution().current = task;
  const TaskBody& body = g_runtime.body(task);
  csim_state_v1.context = body.context;
  csim_state_v1.call_site = body.call_site;
  RefreshEpoch();
}

namespace {

bool AnyEnabled(const Machine& machine) {
  for (TaskId task : machine.live_tasks()) {
    if (machine.EnabledOf(task).Any()) return true;
  }
  return false;
}

bool AnyGaveUp(const Machine& machine) {
  for (TaskId task : machine.live_tasks()) {
    if (machine.GaveUp(machine.task(task))) return true;
  }
  return false;
}

void CheckStepLimit() {
  if (g_runtime.execution().step < g_runtime.config().max_steps) return;
  ++g_runtime.control().limit_steps_hit;
  EndExecution(Outcome::kCutSteps, 0);
}

// The strategy's choice among the enabled tasks. Ends the execution if there is none.
Choice ChooseNext() {
  Execution& execution = g_runtime.execution();
  Machine& machine = g_runtime.machine();
  CheckStepLimit();
  CycleWatch& watch = g_runtime.shared->cycle_watch;
  if (watch.on()) [[unlikely]]
    watch.AtPoint(machine, execution.step, g_runtime.shared->state);
  const StateSource* state = g_runtime.config().every_round ? &g_runtime.shared->state : nullptr;
  const Choice choice =
      g_runtime.shared->strategy->Choose({machine, execution.current, execution.step, state});
  if (choice.task == kNoTask && !AnyEnabled(machine)) {
    if (g_runtime.spins.MakeReadsRacy()) EndExecution(Outcome::kEndlessLoop, 0);
    if (AnyGaveUp(machine)) EndExecution(Outcome::kVain, 0);
    ReportDeadlock();
    EndExecution(Outcome::kDeadlock, 0);
  }
  if (choice == kRedundant) EndExecution(Outcome::kRedundant, 0);
  if (choice.task == kNoTask) EndExecution(Outcome::kDiverged, 0);
  if (watch.on()) [[unlikely]]
    watch.Chosen(machine, choice);
  RecordChoice(choice);
  ++execution.step;
  g_runtime.control().tick.store(execution.step, std::memory_order_relaxed);
  return choice;
}

// Decides who goes next; returns when this task is the one, with the alternative chosen for it.
uint32_t WaitForTurn(TaskId self) {
  const Choice choice = ChooseNext();
  if (choice.task == self) return choice.alternative;
  TaskBody& body = g_runtime.body(self);
  body.context = csim_state_v1.context;
  body.call_site = csim_state_v1.call_site;
  TaskBody& next = g_runtime.body(choice.task);
  next.alternative = choice.alternative;
  g_runtime.execution().current = choice.task;
  char* const stack_top = csim_runtime_stack_top;
  Context& from = g_runtime.pool.slot(body.slot).context;
  const ProcessId process = g_runtime.machine().task(choice.task).process;
  if (process == g_runtime.process) {
    SwitchContext(from, g_runtime.pool.slot(next.slot).context);
  } else {
    SwitchProcess(from, process);
  }
  csim_runtime_stack_top = stack_top;
  EnterTask(self);
  return body.alternative;
}

OpResult ExecutePending(TaskId self, uint32_t alternative) {
  Machine& machine = g_runtime.machine();
  const Operation operation = machine.task(self).pending;
  const bool fairness = g_runtime.config().fairness;
  if (fairness) [[unlikely]]
    g_runtime.shared->fairness.Before(machine, self, alternative);
  EventOrder& order = g_runtime.shared->order;
  if (order.started()) [[unlikely]]
    order.Add(machine, self, alternative);
  const OpResult result = machine.Execute(self, alternative);
  if (fairness) [[unlikely]]
    ReportPassing(result);
  g_runtime.recorder.Event(self, operation, alternative, result);
  g_runtime.spins.Done(operation, result);
  if (g_runtime.shared->serializability.on()) [[unlikely]]
    NoteAtomicity(operation, result);
  if (machine.last_misuse() != Misuse::kNone) [[unlikely]]
    ReportMisuse();
  return result;
}

}  // namespace

namespace {

// What a task wants after a handler has run in between. A wait on a condition variable ends as one that
// was woken without a reason, with the mutex.
Operation ArriveAgain(const Operation& wanted, const Operation& performed) {
  if (performed.kind != OpKind::kCondBlocked) return wanted;
  Operation relock = performed;
  relock.kind = OpKind::kCondRelock;
  relock.argument = 0;
  relock.deadline = kNoDeadline;
  return relock;
}

OpResult PerformHere(Operation operation, uint64_t (*argument)(void*), void* context) {
  uint64_t (*const argument_again)(void*) = argument;
  const TaskId self = g_runtime.current();
  Machine& machine = g_runtime.machine();
  if (operation.site == kNoSite) operation.site = g_runtime.CallSite();
  if (operation.stack == kNoStack) operation.stack = g_runtime.CurrentStack();
  if (g_runtime.config().every_round) [[unlikely]] {
    ProgramState::Arrive(operation);
  } else {
    g_runtime.spins.Arrive(operation);
  }
  machine.SetPending(self, operation);
  if (machine.last_misuse() != Misuse::kNone) [[unlikely]]
    ReportMisuse();
  for (;;) {
    if (!machine.EnabledOf(self).Any()) CheckLockCycle(self);
    const uint32_t alternative = WaitForTurn(self);
    if (argument != nullptr) {
      machine.task(self).pending.argument = argument(context);
      argument = nullptr;
    }
    const Operation performed = machine.task(self).pending;
    const OpResult result = ExecutePending(self, alternative);
    if (result.blocked) continue;
    if (result.interrupted) [[unlikely]] {
      // `argument` has been asked for before; it is asked again.
      argument = argument_again;
      RefreshEpoch();
      // (What has become ready since a ppoll looked loses against a signal that came before it looks again.)
      const bool gives_up = result.error == EINTR || g_runtime.body(self).suspended;
      const int flags = ActionOf(static_cast<int>(result.value)).sa_flags;
      g_runtime.body(self).restarted = (flags & SA_RESTART) != 0;
      RunHandler(static_cast<int>(result.value));
      if (gives_up && GivesUpAfter(performed.kind, static_cast<int>(result.value))) {
        return {.error = EINTR};
      }
      machine.SetPending(self, ArriveAgain(operation, performed));
      continue;
    }
    RefreshEpoch();
    return result;
  }
}

}  // namespace

namespace {

uint64_t GranuleAt(const void* address) {
  uint64_t value;
  const uintptr_t granule = reinterpret_cast<uintptr_t>(address) & ~uintptr_t{7};
  memcpy(&value, reinterpret_cast<const void*>(granule), sizeof value);
  return value;
}

}  // namespace

OpResult PerformLate(Operation operation, uint64_t (*argument)(void*), void* context) {
  OpResult result;
  OnRuntimeStack([&] { result = PerformHere(operation, argument, context); });
  return result;
}

OpResult Perform(Operation operation) { return PerformLate(operation, nullptr, nullptr); }

void NoteFound(const void* address) {
  g_runtime.machine().NoteFound(g_runtime.current(), GranuleAt(address));
}

void NoteLeft(const void* address) {
  g_runtime.machine().NoteLeft(g_runtime.current(), GranuleAt(address));
}

void NoteFaced(const void* address) {
  g_runtime.machine().NoteFaced(g_runtime.current(), GranuleAt(address));
}

void BeginForkedTask(TaskId self) {
  OnRuntimeStack([&] {
    EnterTask(self);
    ExecutePending(self, g_runtime.body(self).alternative);
    RefreshEpoch();
  });
}

void BeginTask() {
  const TaskId self = g_runtime.current();
  TaskBody& body = g_runtime.body(self);
  csim_runtime_stack_top = g_runtime.pool.slot(body.slot).runtime_stack_top;
  OnRuntimeStack([&] {
    body.context = g_runtime.shared->contexts->root();
    body.call_site = nullptr;
    EnterTask(self);
    ExecutePending(self, body.alternative);
    RefreshEpoch();
  });
}

void EndTask() {
  const TaskId self = g_runtime.current();
  g_runtime.machine().Finish(self);
  g_runtime.detector().FinishTask(self);
  LeaveForNext(false);
}

void LeaveForNext(bool process_ended) {
  const Choice choice = ChooseNext();
  TaskBody& next = g_runtime.body(choice.task);
  next.alternative = choice.alternative;
  g_runtime.execution().current = choice.task;
  const ProcessId process = g_runtime.machine().task(choice.task).process;
  if (process != g_runtime.process) LeaveForProcess(process, process_ended);
  LeaveFor(g_runtime.pool.slot(next.slot).context);
}

}  // namespace csim
