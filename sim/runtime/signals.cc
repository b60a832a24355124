#include "sim/runtime/signals.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

#include <cstddef>
#include <cstring>

#include "sim/runtime/engine.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/real.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"
#include "sim/runtime/syscall_names.h"

namespace csim {

namespace {

constexpr uint64_t kTickNanoseconds = 100'000'000;
constexpr uint64_t kBlockedNanoseconds = 3'000'000'000;

struct Watch {  // of this process
  uint64_t executions = 0;
  uint64_t step = 0;
  uint64_t since_wall = 0;
  uint64_t since_cpu = 0;
  bool reads_watched = false;  // since the last tick
};
Watch g_watch;

uint64_t Now(clockid_t clock) {
  timespec t{};
  RawSyscall(SYS_clock_gettime, clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

bool IsStackOverflow(uintptr_t address, uintptr_t sp) {
  const TaskBody& body = g_runtime.body(g_runtime.current());
  const Range stack = g_runtime.pool.slot(body.slot).stack;
  constexpr uintptr_t kSlack = 1 << 20;
  if (stack.begin != 0 && address < stack.begin + 4096 && address + kSlack > stack.begin)
    return true;
  return address < sp + 4096 && address + kSlack > sp && !stack.Contains(address);
}

const char* NameOfSignal(int signal) {
  switch (signal) {
    case SIGSEGV: return "SIGSEGV, invalid memory access";
    case SIGBUS: return "SIGBUS, invalid memory access";
    case SIGFPE: return "SIGFPE, arithmetic error (integer division by zero?)";
    case SIGILL: return "SIGILL, illegal instruction";
    case SIGTRAP: return "SIGTRAP, trap instruction";
    default: return "signal";
  }
}

void OnFault(int signal, siginfo_t* info, void* context_pointer) {
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  if (signal == SIGSEGV && g_runtime.snapshot.HandleWrite(address)) return;
  const auto* context = static_cast<ucontext_t*>(context_pointer);
  const auto pc = static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RIP]);
  const auto sp = static_cast<uintptr_t>(context->uc_mcontext.gregs[REG_RSP]);
  if (g_runtime.shared == nullptr || !g_runtime.execution().active) {
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    CSIM_REAL(sigaction)(signal, &standard, nullptr);
    return;  // the instruction runs again and kills the process
  }
  g_runtime.execution().fresh_wanted = true;
  if (signal == SIGSEGV && IsStackOverflow(address, sp)) {
    ReportCrash(signal, address, pc, "stack overflow (SIGSEGV)");
  }
  ReportCrash(signal, address, pc, NameOfSignal(signal));
}

const char* BlockedCallName(long number) {
  switch (number) {
    case SYS_read: return "read";
    case SYS_readv: return "readv";
    case SYS_write: return "write";
    case SYS_writev: return "writev";
    case SYS_open:
    case SYS_openat: return "open";
    case SYS_connect: return "connect";
    case SYS_sendto: return "send";
    case SYS_sendmsg: return "sendmsg";
    case SYS_fcntl: return "fcntl";
    case SYS_futex: return "a futex wait inside a library";
    default: return "a system call that blocks";
  }
}

// The running task is one of this process.
bool HasBaton() {
  return g_runtime.machine().task(g_runtime.current()).process == g_runtime.process;
}

// The running task made no scheduling point for a while. Ends the execution if that is too long.
void CheckProgress(const ucontext_t* context) {
  const uint64_t cpu = Now(CLOCK_PROCESS_CPUTIME_ID);
  const uint64_t wall = Now(CLOCK_MONOTONIC);
  const Execution& execution = g_runtime.execution();
  const uint64_t begun = g_runtime.shared->executions_begun;
  if (!execution.active || !HasBaton() || begun != g_watch.executions ||
      execution.step != g_watch.step) {
    g_watch = {begun, execution.step, wall, cpu};
    return;
  }
  if (cpu - g_watch.since_cpu >= uint64_t{g_runtime.config().endless_loop_ms} * 1'000'000) {
    if (!g_watch.reads_watched) {
      g_watch.reads_watched = true;
      g_runtime.spins.WatchReads();
      return;
    }
    g_runtime.execution().fresh_wanted = true;
    if (g_runtime.spins.EndWatchReads()) EndExecution(Outcome::kEndlessLoop, 0);
    ReportLimit(Outcome::kEndlessLoop, "endless loop");
  }
  // A call that goes on after the signal: the kernel has set the program back to the instruction.
  const auto& registers = context->uc_mcontext.gregs;
  const auto* pc = reinterpret_cast<const unsigned char*>(registers[REG_RIP]);
  const bool goes_on = pc[0] == 0x0f && pc[1] == 0x05;
  const bool in_syscall = goes_on || (pc[-2] == 0x0f && pc[-1] == 0x05);
  if (in_syscall && wall - g_watch.since_wall >= kBlockedNanoseconds &&
      (cpu - g_watch.since_cpu) * 4 < wall - g_watch.since_wall) {
    g_runtime.execution().fresh_wanted = true;
    ReportUncontrolled(BlockedCallName(goes_on ? registers[REG_RAX] : -1));
  }
}

void OnWatchdog(int signal, siginfo_t*, void* context) {
  if (g_runtime.shared == nullptr) return;
  if (g_runtime.worker && g_runtime.execution().active) WatchProcesses(signal);
  const KernelThread* running = g_running_kernel_thread;
  if (running != nullptr && running->tid != GetTid()) {
    RawSyscall(SYS_tgkill, GetPid(), running->tid, signal);
    return;
  }
  CheckProgress(static_cast<ucontext_t*>(context));
}

void OnTrappedCall(int, siginfo_t* info, void* context_pointer) {
  if (g_runtime.shared == nullptr || !g_runtime.execution().active || g_runtime.internal > 0) {
    auto* context = static_cast<ucontext_t*>(context_pointer);
    auto& r = context->uc_mcontext.gregs;
    r[REG_RAX] = csim_raw_syscall(info->si_syscall, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10],
                                  r[REG_R8], r[REG_R9]);
    return;
  }
  g_runtime.execution().fresh_wanted = true;
  ReportUncontrolled(SyscallName(info->si_syscall));
}

void Install(int signal, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action{};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
  CSIM_REAL(sigaction)(signal, &action, nullptr);
}

}  // namespace

void InstallSignalHandlers() {
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) Install(signal, &OnFault);
  Install(kWatchdogSignal, &OnWatchdog);
  Install(SIGSYS, &OnTrappedCall);
}

void StartWatchdog() {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = kWatchdogSignal;
  event._sigev_un._tid = GetTid();
  int timer = 0;
  if (RawSyscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) != 0) return;
  itimerspec period{};
  period.it_interval.tv_nsec = period.it_value.tv_nsec = kTickNanoseconds;
  RawSyscall(SYS_timer_settime, timer, 0, &period, nullptr);
}

bool TrapBlockingCalls() {
  // Calls made by our own stub are let through: the filter looks at the instruction pointer.
  const auto begin = reinterpret_cast<uint64_t>(&csim_raw_syscall);
  const auto end = reinterpret_cast<uint64_t>(&csim_raw_syscall_end[0]);
  constexpr uint32_t kIp = offsetof(seccomp_data, instruction_pointer);
  constexpr uint32_t kNr = offsetof(seccomp_data, nr);
  sock_filter program[8 + 2 * kTrappedCallCount];
  unsigned n = 0;
  auto add = [&](uint16_t code, uint32_t k, uint8_t jt, uint8_t jf) {
    program[n++] = sock_filter{code, jt, jf, k};
  };
  add(BPF_LD | BPF_W | BPF_ABS, kIp + 4, 0, 0);
  add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(begin >> 32), 0, 4);
  add(BPF_LD | BPF_W | BPF_ABS, kIp, 0, 0);
  add(BPF_JMP | BPF_JGE | BPF_K, static_cast<uint32_t>(begin), 0, 2);
  add(BPF_JMP | BPF_JGT | BPF_K, static_cast<uint32_t>(end), 1, 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
  add(BPF_LD | BPF_W | BPF_ABS, kNr, 0, 0);
  for (int i = 0; i < kTrappedCallCount; ++i) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(kTrappedCalls[i].number), 0, 1);
    add(BPF_RET | BPF_K, SECCOMP_RET_TRAP, 0, 0);
  }
  add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
  sock_fprog filter{static_cast<unsigned short>(n), program};
  if (RawSyscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return RawSyscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

}  // namespace csim
