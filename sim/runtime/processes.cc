#include "sim/runtime/processes.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>

#include "sim/runtime/entry.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/inherited_code.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

RealProcess& RealOf(ProcessId process) {
  Shared& shared = *g_runtime.shared;
  const bool is_worker = process == kMainProcess && !shared.main_moved;
  return is_worker ? shared.worker : shared.processes[Index(process)];
}

RealProcess& Own() {
  return g_runtime.worker ? g_runtime.shared->worker : RealOf(g_runtime.process);
}

void Give(RealProcess& target) {
  target.go.store(1, std::memory_order_release);
  FutexWake(&target.go, 1);
}

void AwaitGo(std::atomic<uint32_t>& go) {
  while (go.load(std::memory_order_acquire) == 0) FutexWait(&go, 0);
  go.store(0, std::memory_order_relaxed);
}

// On the park stack of the running kernel thread: until this process has the baton.
[[noreturn]] void AwaitBaton() {
  std::atomic<uint32_t>& go = Own().go;
  for (;;) {
    AwaitGo(go);
    Errand& errand = g_runtime.shared->errand;
    if (errand.function == nullptr) break;
    errand.result = errand.function(errand.argument);
    errand.function = nullptr;
    Give(RealOf(errand.from));
  }
  Context& next = g_runtime.shared->engine_turn
                      ? g_runtime.engine_context
                      : g_runtime.pool.slot(g_runtime.body(g_runtime.current()).slot).context;
  if (next.kernel_thread == g_running_kernel_thread) csim_context_resume(&next);
  PassBatonAndPark(&next);
  __builtin_unreachable();
}

void GiveAndAwait(void* target) {
  Give(*static_cast<RealProcess*>(target));
  AwaitBaton();
}

void GiveAndExit(void* target) {
  Own().pid = 0;
  Give(*static_cast<RealProcess*>(target));
  ExitProcess(0);
}

void AwaitFirstBaton(void*) { AwaitBaton(); }

}  // namespace

void SwitchProcess(Context& from, ProcessId process) {
  csim_context_leave(&from, g_running_kernel_thread->park_stack_top, &GiveAndAwait,
                     &RealOf(process));
}

void LeaveForProcess(ProcessId process, bool ends) {
  Context abandoned;
  // The worker is needed to the end of the execution, and a real parent is not to be missed.
  const bool exits = ends && !g_runtime.worker;
  csim_context_leave(&abandoned, g_running_kernel_thread->park_stack_top,
                     exits ? &GiveAndExit : &GiveAndAwait, &RealOf(process));
  __builtin_unreachable();
}

void LeaveForWorker() {
  Context abandoned;
  csim_context_leave(&abandoned, g_running_kernel_thread->park_stack_top, &GiveAndAwait,
                     &g_runtime.shared->worker);
  __builtin_unreachable();
}

void LeaveWorker() {
  if (!g_runtime.worker) return;
  Shared& shared = *g_runtime.shared;
  const int worker = WorkerPid();
  shared.processes[0].go.store(0, std::memory_order_relaxed);
  shared.main_moved = true;
  const long pid = RawSyscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid < 0) {
    shared.main_moved = false;
    ReportUncontrolled("execve (the system makes no more processes)");
  }
  if (pid > 0) {
    g_runtime.process = kNoProcess;  // what goes on in the child is none of ours
    Context abandoned;
    csim_context_leave(&abandoned, g_running_kernel_thread->park_stack_top, &AwaitFirstBaton,
                       nullptr);
    __builtin_unreachable();
  }
  RawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (RawSyscall(SYS_getppid) != worker) ExitProcess(0);
  shared.processes[0].pid = GetPid();
  g_runtime.worker = false;
}

bool ForkProcess(TaskId child, ProcessId process, int* error) {
  const uint32_t slot = g_runtime.body(g_runtime.current()).slot;
  const int worker = WorkerPid();
  RealOf(process).go.store(0, std::memory_order_relaxed);
  RealOf(process).released = false;
  RealOf(process).parent_waits = false;
  InheritCode();
  const long pid =
      RawSyscall(SYS_clone, SIGCHLD | (g_runtime.worker ? 0 : CLONE_PARENT), 0, 0, 0, 0);
  if (pid != 0) {
    *error = pid < 0 ? static_cast<int>(-pid) : 0;
    if (pid > 0) RealOf(process).pid = static_cast<int>(pid);
    return false;
  }
  RawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (RawSyscall(SYS_getppid) != worker) ExitProcess(0);
  g_runtime.worker = false;
  g_runtime.process = process;
  g_runtime.space = Index(process);
  g_runtime.main_kernel.tid = GetTid();
  if (g_running_kernel_thread != &g_runtime.main_kernel) UseSignalStack(g_runtime.main_kernel);
  g_running_kernel_thread = &g_runtime.main_kernel;
  g_runtime.pool.AfterFork(slot, child);
  g_runtime.shadow.AfterFork();
  g_runtime.shared_memory.AfterFork();
  char* const stack_top = csim_runtime_stack_top;
  csim_context_leave(&g_runtime.pool.slot(slot).context, g_runtime.main_kernel.park_stack_top,
                     &AwaitFirstBaton, nullptr);
  csim_runtime_stack_top = stack_top;
  return true;
}

long RunInWorker(long (*function)(long), long argument) {
  if (g_runtime.worker) return function(argument);
  Errand& errand = g_runtime.shared->errand;
  errand = {function, argument, 0, g_runtime.process};
  Give(g_runtime.shared->worker);
  AwaitGo(Own().go);
  return errand.result;
}

int WorkerPid() { return g_runtime.shared->worker.pid; }

void EndProcesses() {
  const uint32_t count = g_runtime.machine().process_count();
  g_runtime.shadow.ForgetForked();
  g_runtime.process = kMainProcess;
  Shared& shared = *g_runtime.shared;
  if (count == 1 && !shared.main_moved) return;
  shared.main_moved = false;
  for (uint32_t i = 0; i < count; ++i) {
    RealProcess& process = shared.processes[i];
    if (process.pid > 0) RawSyscall(SYS_kill, process.pid, SIGKILL);
    process.pid = 0;
  }
  while (RawSyscall(SYS_wait4, -1, nullptr, __WALL, nullptr) != -ECHILD) {
  }
}

void WatchProcesses(int signal) {
  const ProcessId holder = g_runtime.machine().task(g_runtime.current()).process;
  const Shared& shared = *g_runtime.shared;
  if ((holder == kMainProcess && !shared.main_moved) || shared.engine_turn) return;
  const int pid = RealOf(holder).pid;
  if (pid <= 0) return;  // it has just been made, or ended
  siginfo_t info{};
  const long result = RawSyscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT, 0);
  const bool gone = result != 0 || info.si_pid == pid;
  if (gone && RealOf(holder).pid == pid) RawSyscall(SYS_kill, GetPid(), SIGKILL);
  RawSyscall(SYS_kill, pid, signal);
}

void KillWorker() { RawSyscall(SYS_kill, WorkerPid(), SIGKILL); }

uint32_t TakeDetectorSlot(TaskId creator, TaskId task) {
  Shared& shared = *g_runtime.shared;
  for (uint32_t i = 0; i < shared.slot_users; ++i) {
    const TaskId last = shared.slot_user[i];
    if (g_runtime.machine().task(last).status != TaskStatus::kFinished) continue;
    if (!shared.detector->SlotReusable(creator, i)) continue;
    shared.slot_user[i] = task;
    return i;
  }
  if (shared.slot_users == ThreadPool::kMaxSlots) return kNoDetectorSlot;
  shared.slot_user[shared.slot_users] = task;
  return shared.slot_users++;
}

}  // namespace csim
