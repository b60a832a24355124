// Processes: fork, wait, who one is. Executing programs: execute.cc.
#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/process_operations.h"
#include "sim/runtime/delivery.h"
#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/processes.h"
#include "sim/runtime/program.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/task_names.h"

namespace csim {
bool RunsUnderCsim();
}

using namespace csim;

namespace {

// ---- pthread_atfork ----

struct ForkHandler {
  void (*prepare)();
  void (*parent)();
  void (*child)();
};
constexpr int kMaxForkHandlers = 64;
// A fork copies them with all the rest. Those registered before main stay.
ForkHandler g_fork_handlers[kMaxForkHandlers];
int g_fork_handler_count = 0;
int g_fork_handlers_saved = 0;

void RunPrepare() {
  for (int i = g_fork_handler_count; i-- > 0;) {
    if (g_fork_handlers[i].prepare != nullptr) g_fork_handlers[i].prepare();
  }
}

void RunAfter(bool in_child) {
  for (int i = 0; i < g_fork_handler_count; ++i) {
    const ForkHandler& h = g_fork_handlers[i];
    void (*const function)() = in_child ? h.child : h.parent;
    if (function != nullptr) function();
  }
}

// ---- fork ----

// `waits`: the parent will wait until the child has ended or executed a program.
pid_t ForkHere(bool waits) {
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  if (machine.task_count() >= kMaxTasks || machine.process_count() >= kMaxProcesses) {
    ReportLimit(Outcome::kTaskLimit, "more processes than csim can simulate in one execution");
  }
  const TaskId child = machine.AddTask(self);
  const uint32_t detector_slot = TakeDetectorSlot(self, child);
  if (detector_slot == kNoDetectorSlot) {
    ReportLimit(Outcome::kTaskLimit, "more tasks at once than csim can simulate");
  }
  const ProcessId process = machine.AddProcess(child);
  const TaskBody& mine = g_runtime.body(self);
  TaskBody& body = g_runtime.body(child);
  body = mine;
  body.detector_slot = detector_slot;
  body.context = csim_state_v1.context;
  body.call_site = csim_state_v1.call_site;
  g_runtime.detector().StartTask(child, detector_slot);
  Perform(machine.ForkOf(self, process));
  g_runtime.objects().Fork(self, child);
  ForkDescriptors(Index(g_runtime.process), Index(process));
  g_runtime.shared->memory_objects.Fork(g_runtime.process, process);
  int error = 0;
  if (ForkProcess(child, process, &error)) {
    BeginForkedTask(child);
    return 0;
  }
  if (error != 0) {
    ReportUncontrolled("fork (the system makes no more processes)");
  }
  g_runtime.shared->processes[Index(process)].parent_waits = waits;
  return static_cast<pid_t>(machine.PidOf(process));
}

pid_t Fork(bool waits = false) {
  pid_t result = -1;
  OnRuntimeStack([&] { result = ForkHere(waits); });
  return result;
}

// ---- wait ----

struct Waited {
  pid_t pid;  // 0: none yet (WNOHANG); -1: errno says why
  int status;
};

int Error(int error) {
  errno = error;
  return -1;
}

Waited Wait(const ProcessFilter& filter, bool hang) {
  Machine& machine = g_runtime.machine();
  if (machine.process_count() == 1) return {Error(ECHILD), 0};  // nobody was ever forked
  const OpResult result = DoCancelable(WaitOf(machine, g_runtime.current(), filter, hang));
  if (result.error == EAGAIN) return {0, 0};
  if (result.error != 0) return {Error(result.error), 0};
  const ProcessState& child = machine.process(ProcessId{static_cast<uint16_t>(result.value)});
  constexpr int kContinued = 0xffff;
  const int status = child.ended || child.stopped ? child.status : kContinued;
  return {static_cast<pid_t>(machine.PidOf(child.id)), status};
}

ProcessFilter FilterFor(pid_t pid) {
  ProcessFilter filter;
  if (pid == -1) return filter;
  filter.which = pid > 0 ? ProcessFilter::kPid : ProcessFilter::kGroup;
  filter.number = static_cast<uint32_t>(pid > 0 ? pid : -pid);
  if (pid == 0) filter.number = g_runtime.machine().process(g_runtime.process).group;
  return filter;
}

pid_t WaitPid(pid_t pid, int* status, int options) {
  if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED)) != 0) return Error(EINVAL);
  ProcessFilter filter = FilterFor(pid);
  filter.stopped = (options & WUNTRACED) != 0;
  filter.continued = (options & WCONTINUED) != 0;
  const Waited found = Wait(filter, (options & WNOHANG) == 0);
  if (found.pid > 0 && status != nullptr) *status = found.status;
  return found.pid;
}

// SIGCHLD's code and status for what waitpid tells.
void FillInfo(siginfo_t* info, const Waited& found) {
  info->si_signo = SIGCHLD;
  info->si_pid = found.pid;
  info->si_uid = getuid();
  const int s = found.status;
  if (WIFEXITED(s)) {
    info->si_code = CLD_EXITED;
    info->si_status = WEXITSTATUS(s);
  } else if (WIFSTOPPED(s)) {
    info->si_code = CLD_STOPPED;
    info->si_status = WSTOPSIG(s);
  } else if (WIFCONTINUED(s)) {
    info->si_code = CLD_CONTINUED;
    info->si_status = SIGCONT;
  } else {
    info->si_code = WCOREDUMP(s) ? CLD_DUMPED : CLD_KILLED;
    info->si_status = WTERMSIG(s);
  }
}

}  // namespace

namespace csim {
void SaveForkHandlers() { g_fork_handlers_saved = g_fork_handler_count; }
void RestoreForkHandlers() { g_fork_handler_count = g_fork_handlers_saved; }
}  // namespace csim

CSIM_INTERPOSE pid_t fork() noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(fork)();
  RunPrepare();
  const pid_t pid = Fork();
  RunAfter(pid == 0);
  return pid;
}

CSIM_INTERPOSE pid_t _Fork() noexcept { return g_runtime.Active() ? Fork() : CSIM_REAL(_Fork)(); }

// The child gets a copy of the memory instead of the memory, which no correct program can tell; the parent
// goes on when it has ended or executed a program.
CSIM_INTERPOSE pid_t vfork() noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(fork)();
  const pid_t pid = Fork(true);
  if (pid <= 0) return pid;
  ProcessFilter filter = FilterFor(pid);
  filter.leave = filter.executed = true;
  Wait(filter, true);
  return pid;
}

extern "C" int __register_atfork(void (*)(), void (*)(), void (*)(), void*) noexcept;

CSIM_INTERPOSE int __register_atfork(void (*prepare)(), void (*parent)(), void (*child)(),
                                     void* dso) noexcept {
  if (!RunsUnderCsim()) return CSIM_REAL(__register_atfork)(prepare, parent, child, dso);
  if (g_fork_handler_count == kMaxForkHandlers) return ENOMEM;
  g_fork_handlers[g_fork_handler_count++] = {prepare, parent, child};
  return 0;
}

CSIM_INTERPOSE pid_t waitpid(pid_t pid, int* status, int options) {
  if (!g_runtime.Active()) return CSIM_REAL(waitpid)(pid, status, options);
  return WaitPid(pid, status, options);
}

CSIM_INTERPOSE pid_t wait(int* status) { return waitpid(-1, status, 0); }

CSIM_INTERPOSE pid_t wait4(pid_t pid, int* status, int options, rusage* usage) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(wait4)(pid, status, options, usage);
  if (usage != nullptr) *usage = {};
  return WaitPid(pid, status, options);
}

CSIM_INTERPOSE pid_t wait3(int* status, int options, rusage* usage) noexcept {
  return wait4(-1, status, options, usage);
}

CSIM_INTERPOSE int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  if (!g_runtime.Active()) return CSIM_REAL(waitid)(type, id, info, options);
  constexpr int kKinds = WEXITED | WSTOPPED | WCONTINUED;
  if ((options & kKinds) == 0 || (options & ~(kKinds | WNOHANG | WNOWAIT)) != 0) {
    return Error(EINVAL);
  }
  if (type != P_ALL && type != P_PID && type != P_PGID) return Error(EINVAL);
  ProcessFilter filter;
  if (type == P_PID) filter = FilterFor(static_cast<pid_t>(id));
  if (type == P_PGID) filter = FilterFor(-static_cast<pid_t>(id));
  filter.ended = (options & WEXITED) != 0;
  filter.stopped = (options & WSTOPPED) != 0;
  filter.continued = (options & WCONTINUED) != 0;
  filter.leave = (options & WNOWAIT) != 0;
  const Waited found = Wait(filter, (options & WNOHANG) == 0);
  if (found.pid < 0) return -1;
  if (info != nullptr) {
    *info = {};
    if (found.pid > 0) FillInfo(info, found);
  }
  return 0;
}

CSIM_INTERPOSE pid_t getpid() noexcept {
  if (!g_runtime.Active()) return GetPid();
  return static_cast<pid_t>(g_runtime.machine().PidOf(g_runtime.process));
}

CSIM_INTERPOSE pid_t getppid() noexcept {
  if (!g_runtime.Active()) return static_cast<pid_t>(RawSyscall(SYS_getppid));
  Machine& machine = g_runtime.machine();
  constexpr pid_t kStarter = Machine::kFirstPid - 1;  // whoever started the program
  constexpr pid_t kInit = 1;
  if (g_runtime.process == kMainProcess) return kStarter;
  const OpResult result = Perform(machine.ParentOf(g_runtime.current()));
  const ProcessId parent{static_cast<uint16_t>(result.value)};
  return parent == kNoProcess ? kInit : static_cast<pid_t>(machine.PidOf(parent));
}

// Who takes care of orphans is ours to say. The kernel would tell a child of the end of its parent there, which
// is csim.
CSIM_INTERPOSE int prctl(int option, ...) noexcept {
  va_list list;
  va_start(list, option);
  unsigned long a[4];
  for (unsigned long& x : a) x = va_arg(list, unsigned long);
  va_end(list);
  if (g_runtime.Active()) {
    switch (option) {
      case PR_SET_CHILD_SUBREAPER: SetReaper(a[0] != 0); return 0;
      case PR_GET_CHILD_SUBREAPER: {
        const bool reaper = g_runtime.machine().process(g_runtime.process).reaper;
        auto* const answer = reinterpret_cast<int*>(a[0]);
        NoteWrites(answer, sizeof *answer);
        *answer = reaper ? 1 : 0;
        return 0;
      }
      case PR_SET_PDEATHSIG: ReportUncontrolled("prctl(PR_SET_PDEATHSIG)");
      case PR_SET_NAME: SetOwnName(reinterpret_cast<const char*>(a[0])); return 0;
      case PR_GET_NAME: {
        auto* const name = reinterpret_cast<char*>(a[0]);
        NoteWrites(name, sizeof TaskBody::name);
        GetOwnName(name);
        return 0;
      }
      default: g_runtime.kernel_state.NoteCall(SYS_prctl);
    }
  }
  const long result = RawSyscall(SYS_prctl, option, a[0], a[1], a[2], a[3]);
  return result < 0 ? Error(static_cast<int>(-result)) : static_cast<int>(result);
}
