#include "sim/runtime/processes.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <span>
#include <utility>

#include "model/check.h"
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
  return shared.real_processes[shared.processes[Index(process)].real];
}

RealProcess& Worker() { return g_runtime.shared->real_processes[kWorkersReal]; }
RealProcess& Own() { return g_runtime.shared->real_processes[g_runtime.real]; }

std::span<RealProcess> AllReal() {
  Shared& shared = *g_runtime.shared;
  return {shared.real_processes, shared.real_count};
}

// The index of the first one for which this holds; kMaxReal if there is none.
template <typename Predicate>
uint32_t FindReal(Predicate holds) {
  const std::span<RealProcess> all = AllReal();
  for (uint32_t i = kWorkersReal + 1; i < all.size(); ++i) {
    if (holds(all[i])) return i;
  }
  return kMaxReal;
}

// An index for a process that is about to be made.
uint32_t NewReal() {
  uint32_t index = FindReal([](const RealProcess& real) { return real.pid == 0; });
  if (index == kMaxReal) index = g_runtime.shared->real_count++;
  CSIM_CHECK(index < kMaxReal);
  RealProcess& real = g_runtime.shared->real_processes[index];
  real.go.store(0, std::memory_order_relaxed);
  real.spare = real.becomes_copy = false;
  return index;
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
  RealProcess& own = Own();
  for (;;) {
    AwaitGo(own.go);
    if (own.becomes_copy) {
      own.becomes_copy = false;
      BecomeCopy(own);
    }
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
  const bool exits = ends && !g_runtime.worker && !Own().spare;
  csim_context_leave(&abandoned, g_running_kernel_thread->park_stack_top,
                     exits ? &GiveAndExit : &GiveAndAwait, &RealOf(process));
  __builtin_unreachable();
}

void LeaveForWorker() {
  Context abandoned;
  csim_context_leave(&abandoned, g_running_kernel_thread->park_stack_top, &GiveAndAwait, &Worker());
  __builtin_unreachable();
}

void LeaveWorker() {
  if (!g_runtime.worker) return;
  Shared& shared = *g_runtime.shared;
  const int worker = WorkerPid();
  const uint32_t real = NewReal();
  shared.processes[0].real = real;
  shared.main_moved = true;
  const long pid = RawSyscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid < 0) {
    shared.main_moved = false;
    shared.processes[0].real = kWorkersReal;
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
  shared.real_processes[real].pid = GetPid();
  g_runtime.real = real;
  g_runtime.worker = false;
}

namespace {

// ---- A copy in a process that there is ----

// A buffer that is not in use, if the process has none of its own: there are no more of them than there can be copies
// at once.
void LendImage(RealProcess& real) {
  if (real.image != nullptr) return;
  const uint32_t idle = FindReal(
      [](const RealProcess& other) { return other.image != nullptr && !other.becomes_copy; });
  if (idle == kMaxReal) return;
  RealProcess& lender = g_runtime.shared->real_processes[idle];
  std::swap(real.image, lender.image);
  std::swap(real.image_capacity, lender.image_capacity);
}

struct Copying {
  uint32_t real;
  TaskId child;
  ProcessId process;
  bool done;
};

// On the park stack, with the forking task's context saved.
void WriteImageAndReturn(void* copying_pointer) {
  auto* const copying = static_cast<Copying*>(copying_pointer);
  RealProcess& real = g_runtime.shared->real_processes[copying->real];
  copying->done = WriteImage(real, copying->child, copying->process);
  csim_context_resume(&g_runtime.pool.slot(g_runtime.body(g_runtime.current()).slot).context);
}

enum class Copied { kNo, kParent, kChild };

Copied CopyIntoSpare(TaskId child, ProcessId process) {
  if (FindReal([](const RealProcess& real) { return real.spare; }) == kMaxReal) return Copied::kNo;
  if (!CanBeCopied()) return Copied::kNo;
  const Likeness own = OwnLikeness();
  const uint32_t index =
      FindReal([&](const RealProcess& real) { return real.spare && real.likeness == own; });
  if (index == kMaxReal) return Copied::kNo;
  RealProcess& real = g_runtime.shared->real_processes[index];
  LendImage(real);
  Copying copying{index, child, process, false};
  char* const stack_top = csim_runtime_stack_top;
  Context& context = g_runtime.pool.slot(g_runtime.body(g_runtime.current()).slot).context;
  csim_context_leave(&context, g_running_kernel_thread->park_stack_top, &WriteImageAndReturn,
                     &copying);
  csim_runtime_stack_top = stack_top;
  if (g_runtime.process == process) return Copied::kChild;
  if (!copying.done) return Copied::kNo;
  g_runtime.shared->processes[Index(process)].real = index;
  real.spare = false;
  real.becomes_copy = true;
  return Copied::kParent;
}

}  // namespace

bool ForkProcess(TaskId child, ProcessId process, int* error) {
  *error = 0;
  ProcessBody& body = g_runtime.shared->processes[Index(process)];
  body = ProcessBody{};
  const Copied copied = CopyIntoSpare(child, process);
  if (copied != Copied::kNo) return copied == Copied::kChild;
  const uint32_t slot = g_runtime.body(g_runtime.current()).slot;
  const int worker = WorkerPid();
  body.real = NewReal();
  const uint32_t index = body.real;
  InheritCode();
  const long pid =
      RawSyscall(SYS_clone, SIGCHLD | (g_runtime.worker ? 0 : CLONE_PARENT), 0, 0, 0, 0);
  if (pid != 0) {
    *error = pid < 0 ? static_cast<int>(-pid) : 0;
    if (pid < 0) return false;
    RealProcess& real = g_runtime.shared->real_processes[index];
    real.pid = static_cast<int>(pid);
    real.likeness = OwnLikeness();
    return false;
  }
  RawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (RawSyscall(SYS_getppid) != worker) ExitProcess(0);
  if (g_running_kernel_thread != &g_runtime.main_kernel) UseSignalStack(g_runtime.main_kernel);
  g_runtime.shadow.AfterFork();
  SettleAsCopy(child, process, index, slot);
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
  Give(Worker());
  AwaitGo(Own().go);
  return errand.result;
}

int WorkerPid() { return Worker().pid; }

void OfferAsSpare() {
  if (g_runtime.worker || !IsPlain() || !(Own().likeness == OwnLikeness())) return;
  uint32_t spares = 0;
  RealProcess* unlike = nullptr;
  for (RealProcess& real : AllReal()) {
    spares += real.spare;
    if (real.spare && !(real.likeness == Own().likeness)) unlike = &real;
  }
  if (spares == kMostSpares) {
    // The worker has made threads since, perhaps: then nobody will ever become like those again.
    if (unlike == nullptr || RawSyscall(SYS_kill, unlike->pid, SIGKILL) != 0) return;
    unlike->pid = 0;
    unlike->spare = false;
  }
  Own().spare = true;
}

namespace {

void End(RealProcess& real) {
  RawSyscall(SYS_kill, real.pid, SIGKILL);
  while (RawSyscall(SYS_wait4, real.pid, nullptr, __WALL, nullptr) == -EINTR) {
  }
  real.pid = 0;
  real.spare = real.becomes_copy = false;
}

}  // namespace

void EndProcesses() {
  const uint32_t count = g_runtime.machine().process_count();
  g_runtime.shadow.ForgetForked();
  g_runtime.process = kMainProcess;
  Shared& shared = *g_runtime.shared;
  if (count == 1 && !shared.main_moved) return;
  shared.main_moved = false;
  for (uint32_t i = 0; i < count; ++i) {
    RealProcess& real = shared.real_processes[shared.processes[i].real];
    if (real.becomes_copy) {  // it was never chosen
      real.becomes_copy = false;
      real.spare = true;
    }
    if (&real != &Worker() && real.pid > 0 && !real.spare) End(real);
  }
  // Those that have exited by themselves, or made room for another spare one.
  while (RawSyscall(SYS_wait4, -1, nullptr, __WALL | WNOHANG, nullptr) > 0) {
  }
}

void ForgetRealProcesses() {
  for (RealProcess& real : AllReal()) {
    real.pid = 0;
    real.spare = real.becomes_copy = false;
  }
  Worker().pid = GetPid();
}

void DismissSpares() {
  for (RealProcess& real : AllReal()) {
    if (real.spare) End(real);
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
  if (gone && RealOf(holder).pid == pid) {
    snprintf(g_runtime.control().failure, sizeof g_runtime.control().failure,
             "process P%u of the program was killed from outside", Index(holder));
    KillWorker();
  }
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
