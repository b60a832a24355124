// The start of a program under csim: maps the shared mapping, prepares everything that all workers
// have in common, and then stays behind as the zygote, stopped before main: it forks workers, and
// when one dies it forks the next.
#include "sim/runtime/zygote.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/single_threaded.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include "sim/runtime/engine.h"
#include "sim/runtime/execute.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/hidden_files.h"
#include "sim/runtime/parts.h"
#include "sim/runtime/program.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/real.h"
#include "sim/runtime/runtime.h"
#include "sim/runtime/signals.h"
#include "sim/runtime/streams.h"
#include "sim/runtime/terminate.h"

namespace csim {

bool RunsUnderCsim();

namespace {

constexpr size_t kEngineStackSize = 1 << 20;
constexpr size_t kTaskStackSize = 8 << 20;

void MapSharedMapping(const Inherited& inherited) {
  const uintptr_t address = inherited.address;
  const long result = RawSyscall(SYS_mmap, address, inherited.size, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, inherited.fd, 0);
  if (static_cast<unsigned long>(result) != address) {
    WriteError("csim: the program cannot map csim's memory at the address chosen for it\n");
    ExitProcess(kWorkerFailed);
  }
  const long bell =
      RawSyscall(SYS_mmap, nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, inherited.bell_fd, 0);
  g_runtime.mapping_fd = HideDescriptor(inherited.fd);
  g_runtime.bell_fd = HideDescriptor(inherited.bell_fd);
  if (bell > 0) g_runtime.doorbell = reinterpret_cast<std::atomic<uint32_t>*>(bell);
  unsetenv(kMappingVariable);
  g_runtime.mapping = reinterpret_cast<Mapping*>(address);
  if (g_runtime.mapping->magic != kMappingMagic) {
    WriteError("csim: the program was built for another version of csim\n");
    ExitProcess(kWorkerFailed);
  }
}

void OnArenaFull() { FailExploration("csim's memory for the search is used up"); }

// An arena from `begin` up to `end`, kept in its own first bytes.
Arena* MakeArena(char* begin, char* end) {
  auto* arena = new (begin) Arena(begin + 4096, static_cast<size_t>(end - begin - 4096));
  arena->on_full = &OnArenaFull;
  return arena;
}

void MakeShared() {
  Mapping* mapping = g_runtime.mapping;
  char* const base = reinterpret_cast<char*>(mapping);
  Arena* arena = MakeArena(mapping->arena, base + kPartOffset);
  g_runtime.images.Scan();
  std::pmr::polymorphic_allocator<> allocator(arena);
  auto* shared = static_cast<Shared*>(arena->allocate(sizeof(Shared), 64));
  new (shared) Shared(arena);
  g_runtime.shared = shared;
  shared->detector = allocator.new_object<RaceDetector>(arena, &shared->race_reporter);
  shared->contexts =
      allocator.new_object<ContextTree>(mapping, static_cast<std::pmr::memory_resource*>(arena));
  shared->contexts->UseProgram(nullptr, g_runtime.images[0].base);
  shared->runtime_at = &g_runtime;
  // Fresh pages of the mapping: touched only when used.
  shared->spin_logs = arena->allocate(Spins::MemoryForLogs(), 64);
  g_runtime.spins.Adopt(shared->spin_logs);
  if (g_runtime.argc > 0) {
    strncpy(shared->program_name, g_runtime.argv[0], sizeof(shared->program_name) - 1);
  }
  RememberMainProgram(*shared);
  shared->part_memory = MakeArena(base + kPartOffset, base + kInputOffset);
  PrepareMemory();
}

// libc lets the kernel note the present core in the thread's own memory each time that it goes on. Here
// that would copy one page more for every process, and is of no use to a thread that never moves.
void ForgetCores() {
  if (__rseq_size == 0) return;
  auto* const area = reinterpret_cast<struct rseq*>(ReadThreadPointer() + __rseq_offset);
  RawSyscall(SYS_rseq, area, sizeof *area, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

}  // namespace

void PrepareMemory() {
  g_runtime.heap.set_limit(g_runtime.config().memory_limit);
  if (g_runtime.config().every_round) {
    g_runtime.heap.ReuseAtOnce();
    ShadowMemory::HideFromFastPaths();
  }
}

void PrepareMainThread(char* stack_base) {
  InternalScope internal;
  ForgetCores();
  csim_context_fsgsbase = (getauxval(AT_HWCAP2) >> 1) & 1;
  g_runtime.main_kernel.tid = GetTid();
  if (!PrepareKernelThread(g_runtime.main_kernel)) FailExploration("no memory for stacks");
  UseSignalStack(g_runtime.main_kernel);
  g_running_kernel_thread = &g_runtime.main_kernel;
  auto* stack = static_cast<char*>(
      MapMemory(kEngineStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS));
  if (stack == nullptr) FailExploration("no memory for stacks");
  g_runtime.engine_stack_top = stack + kEngineStackSize;
  g_runtime.engine_context.kernel_thread = &g_runtime.main_kernel;
  g_runtime.engine_context.thread_pointer = ReadThreadPointer();
  g_runtime.pool.SetUserSwitching(g_runtime.config().switch_mode == SwitchMode::kUser);
  if (!g_runtime.pool.AdoptMain(g_runtime.images.tls_size(), stack_base, &g_runtime.main_kernel)) {
    FailExploration("no memory for threads");
  }
}

namespace {

// The program's own data from here on is variable; what lies before in its segment was made read-only
// after relocation.
uintptr_t EndOfConstants() {
  const auto* header = reinterpret_cast<const ElfW(Phdr)*>(getauxval(AT_PHDR));
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); ++i) {
    if (header[i].p_type != PT_GNU_RELRO) continue;
    return (g_runtime.images[0].base + header[i].p_vaddr + header[i].p_memsz + 4095) &
           ~uintptr_t{4095};
  }
  return 0;
}

void TakeSnapshot() {
  for (int i = 0; i < g_runtime.images.count(); ++i) {
    const Image& image = g_runtime.images[i];
    if (image.ours || image.interpreter) continue;
    for (int w = 0; w < image.writable_count; ++w) {
      constexpr size_t kMostOpen = 1 << 20;
      Range range = image.writable[w];
      if (i == 0 && range.size() <= kMostOpen) {
        const uintptr_t variables = std::clamp(EndOfConstants(), range.begin, range.end);
        g_runtime.snapshot.AddRegion({variables, range.end}, true);
        range.end = variables;
      }
      g_runtime.snapshot.AddRegion(range);
    }
  }
  g_runtime.snapshot.AddRegion(g_runtime.heap.early_area());
  if (!g_runtime.snapshot.Take()) FailExploration("no memory for the snapshot");
}

[[noreturn]] void RunWorker() {
  RawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  g_runtime.main_kernel.tid = GetTid();
  ForgetRealProcesses();
  UseSignalStack(g_runtime.main_kernel);
  StartWatchdog();
  RememberRealDescriptors();
  if (g_runtime.config().restart_mode == RestartMode::kInPlace) {
    g_runtime.kernel_state.Remember();
    g_runtime.shared_memory.MakeFile();
  }
  {
    InternalScope internal;
    if (g_runtime.config().switch_mode == SwitchMode::kKernel) {
      g_runtime.pool.Ensure(g_runtime.shared->slots_wanted - 1, kTaskStackSize);
    }
  }
  if (g_runtime.config().restart_mode == RestartMode::kInPlace) TakeSnapshot();
  Context unused;
  csim_context_leave(&unused, g_runtime.engine_stack_top, &RunEngine, nullptr);
  __builtin_unreachable();
}

int ForkWorker() {
  const long pid = RawSyscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) RunWorker();
  if (pid < 0) FailExploration("fork failed");
  return static_cast<int>(pid);
}

// A worker was killed from outside. If that happened in the same execution before, it is given up:
// the next worker counts it as lost. Else csim begins again, in other processes: who dies in the middle
// of something leaves nothing to rely on.
void AfterDeath(int signal) {
  static uint32_t part_with_loss = 0;  // in which one was given up
  Control& control = g_runtime.control();
  if (control.phase == Phase::kFailed) ExitProcess(kWorkerFailed);
  const uint32_t part = g_runtime.shared->part;
  if (g_runtime.shared->execution_open && part != part_with_loss &&
      control.executions == g_runtime.mapping->part.lost_at) {
    part_with_loss = part;
    return;
  }
  if (control.failure[0] == 0) {
    snprintf(control.failure, sizeof control.failure, "the worker process was ended by signal %d%s",
             signal,
             signal == SIGKILL ? " (from outside?)" : ": the program destroyed its memory?");
  }
  control.phase = Phase::kDied;
  RingDoorbell();
  ExitProcess(kWorkerFailed);
}

int g_worker = 0;

// csim is gone: so is everybody else, and what the running execution has made.
void OnOrphaned(int) {
  if (g_worker > 0) {
    RawSyscall(SYS_kill, g_worker, SIGKILL);
    RawSyscall(SYS_wait4, g_worker, nullptr, __WALL, nullptr);
  }
  const InternalScope internal;
  g_runtime.mapping->made_files.Remove();
  ExitProcess(kWorkerFailed);
}

void AskForOrphanhood(long csim) {
  constexpr int kOrphaned = 61;
  struct sigaction action{};
  action.sa_handler = &OnOrphaned;
  CSIM_REAL(sigaction)(kOrphaned, &action, nullptr);
  RawSyscall(SYS_prctl, PR_SET_PDEATHSIG, kOrphaned, 0, 0, 0);
  if (RawSyscall(SYS_getppid) != csim) OnOrphaned(kOrphaned);
}

[[noreturn]] void Supervise(long csim) {
  Control& control = g_runtime.control();
  AskForOrphanhood(csim);
  for (;;) {
    if (g_runtime.config().switch_mode == SwitchMode::kUser) {
      InternalScope internal;
      g_runtime.pool.Ensure(g_runtime.shared->slots_wanted - 1, kTaskStackSize);
    }
    const int pid = ForkWorker();
    g_worker = pid;
    int status = 0;
    while (RawSyscall(SYS_wait4, pid, &status, 0, nullptr) < 0) {
    }
    if (WIFEXITED(status)) {
      const int code = WEXITSTATUS(status);
      if (code != kWorkerFresh) ExitProcess(code == kWorkerDone ? 0 : kWorkerFailed);
    } else {
      AfterDeath(WTERMSIG(status));
    }
    ++control.restarts;
  }
}

}  // namespace

void CheckFailed(const char* file, int line, const char* condition) {
  if (g_runtime.mapping == nullptr) {
    WriteError("csim: internal error in the runtime\n");
    __builtin_trap();
  }
  char message[512];
  snprintf(message, sizeof message, "internal error at %s:%d: %s", file, line, condition);
  FailExploration(message);
}

// Takes the place of the program's main.
int CsimMain(int argc, char** argv, char** envp) {
  g_runtime.argc = argc;
  g_runtime.argv = argv;
  g_runtime.envp = envp;
  RawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  const long csim = RawSyscall(SYS_getppid);
  const Inherited inherited = ReadInherited(getenv(kMappingVariable));
  char* const stack_base = static_cast<char*>(__builtin_frame_address(0)) - 8192;
  MapSharedMapping(inherited);
  if (inherited.executed) BeginExecuted(inherited, stack_base);
  MakeShared();
  PrepareMainThread(stack_base);
  InstallSignalHandlers();
  TakeOverStreams();
  std::set_terminate(&OnTerminate);
  if (!TrapBlockingCalls()) g_runtime.control().tick = 0;
  // libc notes the first thread ever made, which may be one of ours: the same in every execution.
  __libc_single_threaded = 0;
  SaveProgramState();
  g_runtime.heap.TakeSnapshot();
  g_runtime.control().phase = Phase::kRunning;
  Supervise(csim);
}

}  // namespace csim

using namespace csim;

extern "C" int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv,
                                 void (*init)(), void (*fini)(), void (*rtld_fini)(),
                                 void* stack_end);

CSIM_INTERPOSE int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv,
                                     void (*init)(), void (*fini)(), void (*rtld_fini)(),
                                     void* stack_end) {
  g_runtime.main_function = main;
  return CSIM_REAL(__libc_start_main)(RunsUnderCsim() ? &CsimMain : main, argc, argv, init, fini,
                                      rtld_fini, stack_end);
}

namespace {
// Before any constructor of the program: hooks need their shadow memory.
__attribute__((constructor(101))) void PrepareShadow() {
  const char* text = RunsUnderCsim() ? getenv(kMappingVariable) : nullptr;
  const int shadow_fd = text != nullptr ? ReadInherited(text).shadow_fd : -1;
  if (!g_runtime.shadow.Map(text != nullptr, shadow_fd)) {
    WriteError("csim: cannot reserve address space for shadow memory (is `ulimit -v` set?)\n");
    ExitProcess(kWorkerFailed);
  }
}
}  // namespace
