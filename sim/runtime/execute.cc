#include "sim/runtime/execute.h"

#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>

#include <cerrno>
#include <exception>

#include "sim/runtime/delivery.h"
#include "sim/runtime/descriptors/transit.h"
#include "sim/runtime/engine.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/program.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"
#include "sim/runtime/signals.h"
#include "sim/runtime/terminate.h"
#include "sim/runtime/zygote.h"

namespace csim {

Inherited ReadInherited(const char* text) {
  Inherited result;
  char* end = nullptr;
  const auto next = [&] {
    const unsigned long value = strtoul(text, &end, 16);
    text = *end == ':' ? end + 1 : end;
    return value;
  };
  result.fd = static_cast<int>(next());
  result.address = next();
  result.size = next();
  result.bell_fd = static_cast<int>(next());
  if (*text == 0) return result;
  result.executed = true;
  result.process = ProcessId{static_cast<uint16_t>(next())};
  result.space = static_cast<uint32_t>(next());
  result.shadow_fd = static_cast<int>(next());
  result.shared = reinterpret_cast<Shared*>(next());
  result.program = static_cast<uint32_t>(next());
  return result;
}

// ---- In the old image ----

namespace {

// Whether the program is linked with csim's runtime.
bool BuiltByCsim(int fd, size_t size) {
  if (size < sizeof(Elf64_Ehdr)) return false;
  const long address = RawSyscall(SYS_mmap, nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (address < 0 && address > -4096) return false;
  constexpr char kRuntime[] = "libcsim_runtime.so";
  const auto* file = reinterpret_cast<const char*>(address);
  const bool found = memcmp(file, ELFMAG, SELFMAG) == 0 &&
                     memmem(file, size, kRuntime, sizeof kRuntime - 1) != nullptr;
  RawSyscall(SYS_munmap, address, size);
  return found;
}

[[noreturn]] void ReportExecve(const char* path, const char* why) {
  char text[400];
  snprintf(text, sizeof text, "execve of %.200s, %s", path, why);
  ReportUncontrolled(text);
}

bool IsMainProgram(const struct stat& file) {
  const Shared& shared = *g_runtime.shared;
  return shared.program_device == file.st_dev && shared.program_inode == file.st_ino;
}

// The number of a program with this name: the same in every execution, whoever is executed first.
uint32_t NumberFor(const char* path) {
  const char* const slash = strrchr(path, '/');
  uint64_t hash = 0;
  for (const char* c = slash == nullptr ? path : slash + 1; *c != 0; ++c) {
    hash = (hash ^ static_cast<unsigned char>(*c)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return 1 + static_cast<uint32_t>(hash % kMaxProgramNumber);
}

ProgramRecord* RecordOf(uint32_t number) {
  Mapping& mapping = *g_runtime.mapping;
  for (uint32_t i = 0; i < mapping.control.program_count; ++i) {
    if (mapping.programs[i].number == number) return &mapping.programs[i];
  }
  return nullptr;
}

// The program's number, noted for reports.
uint32_t NumberOf(const char* path) {
  struct stat file{};
  RawSyscall(SYS_stat, path, &file);
  if (IsMainProgram(file)) return 0;
  char full[sizeof(ProgramRecord::path)] = {};
  const long fd = RawSyscall(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%ld", fd);
  RawSyscall(SYS_readlink, link, full, sizeof full - 1);
  RawSyscall(SYS_close, fd);
  const uint32_t number = NumberFor(full);
  if (const ProgramRecord* known = RecordOf(number)) {
    if (known->device != file.st_dev || known->inode != file.st_ino) {
      ReportExecve(path,
                   "which csim takes for another one: it has the same name, or happens to have the "
                   "same number");
    }
    return number;
  }
  Mapping& mapping = *g_runtime.mapping;
  if (mapping.control.program_count == kMaxPrograms) ReportExecve(path, "one program too many");
  ProgramRecord& record = mapping.programs[mapping.control.program_count++];
  record.number = number;
  record.root = 0;
  record.device = file.st_dev;
  record.inode = file.st_ino;
  memcpy(record.path, full, sizeof full);
  return number;
}

}  // namespace

void RememberMainProgram(Shared& shared) {
  struct stat own{};
  if (RawSyscall(SYS_stat, "/proc/self/exe", &own) != 0) return;
  shared.program_device = own.st_dev;
  shared.program_inode = own.st_ino;
  RawSyscall(SYS_readlink, "/proc/self/exe", shared.program_path, sizeof shared.program_path - 1);
}

int CheckProgram(const char* path) {
  struct stat file{};
  if (const long error = RawSyscall(SYS_stat, path, &file); error < 0) {
    return static_cast<int>(-error);
  }
  if (!S_ISREG(file.st_mode)) return EACCES;
  if (const long error = RawSyscall(SYS_faccessat, AT_FDCWD, path, 1 /* X_OK */); error < 0) {
    return static_cast<int>(-error);
  }
  if (IsMainProgram(file)) return 0;
  const long fd = RawSyscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  const bool ours = fd >= 0 && BuiltByCsim(static_cast<int>(fd), static_cast<size_t>(file.st_size));
  if (fd >= 0) RawSyscall(SYS_close, fd);
  if (!ours) ReportExecve(path, "which csim did not build");
  return 0;
}

namespace {

// The variables of `envp`, and ours. Lies in memory that goes with the image.
char** EnvironmentFor(char* const* envp, const char* mapping) {
  size_t count = 0;
  while (envp != nullptr && envp[count] != nullptr) ++count;
  auto** result = static_cast<char**>(
      MapMemory((count + 3) * sizeof(char*), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS));
  if (result == nullptr) return nullptr;
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    const bool ours = strncmp(envp[i], "LD_BIND_NOW=", 12) == 0 ||
                      strncmp(envp[i], kMappingVariable, sizeof kMappingVariable - 1) == 0;
    if (!ours) result[used++] = envp[i];
  }
  static char bind_now[] = "LD_BIND_NOW=1";
  result[used++] = bind_now;
  result[used++] = const_cast<char*>(mapping);
  return result;
}

void PerformExec() {
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  Operation operation;
  operation.kind = machine.HasOtherTasks(self) ? OpKind::kExecThreaded : OpKind::kExec;
  operation.object = machine.OwnProcessObject(self);
  const ProcessState& process = machine.process_of(self);
  if (g_runtime.shared->processes[Index(process.id)].parent_waits && process.parent != kNoProcess) {
    operation.object2 = machine.process(process.parent).object;
  }
  Perform(operation);
  g_runtime.shared->processes[Index(process.id)].parent_waits = false;
}

// The watchdog's signal would end an image that has no handler for it yet.
void BlockWatchdog(int how) {
  const uint64_t set = uint64_t{1} << (kWatchdogSignal - 1);
  RawSyscall(SYS_rt_sigprocmask, how, &set, nullptr, sizeof set);
}

}  // namespace

void ExecuteProgram(const char* path, char* const* argv, char* const* envp) {
  Shared& shared = *g_runtime.shared;
  PerformExec();
  CloseOnExec(Index(g_runtime.process));
  shared.memory_objects.DetachAll(g_runtime.process);
  const uint32_t space = SpaceOfExecuted(shared.programs_executed++);
  if (space == kNoSpace) {
    ReportLimit(Outcome::kTaskLimit, "more programs executed than csim can simulate");
  }
  char mapping[256];
  snprintf(mapping, sizeof mapping, "%s=%x:%lx:%lx:%x:%x:%x:%x:%lx:%x", kMappingVariable,
           static_cast<unsigned>(g_runtime.mapping_fd),
           static_cast<unsigned long>(g_runtime.mapping->address),
           static_cast<unsigned long>(g_runtime.mapping->size),
           static_cast<unsigned>(g_runtime.bell_fd), Index(g_runtime.process), space,
           static_cast<unsigned>(g_runtime.shadow.fd()), reinterpret_cast<unsigned long>(&shared),
           NumberOf(path));
  char** const environment = EnvironmentFor(envp, mapping);
  if (environment == nullptr) ReportExecve(path, "for which there is no memory");
  LeaveWorker();
  BlockWatchdog(SIG_BLOCK);
  for (int fd : {g_runtime.mapping_fd, g_runtime.bell_fd, g_runtime.shadow.fd()}) {
    RawSyscall(SYS_fcntl, fd, F_SETFD, 0);
  }
  KeepTransitOnExec();
  RawSyscall(SYS_execve, path, argv, environment);
  ReportExecve(path, "which the system does not execute");
}

// ---- In the new image ----

namespace {

void RunExecuted(void*) {
  g_runtime.spins.OnEffect();
  RunMain(nullptr);
}

// Signals that were ignored still are; no other has a handler any more.
void AdoptActions() {
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  const SignalSet ignored = g_runtime.machine().process(g_runtime.process).ignored;
  for (int signal = 1; signal < kSignals; ++signal) {
    if ((ignored >> (signal - 1) & 1) != 0) AdoptAction(signal, action);
  }
}

}  // namespace

void BeginExecuted(const Inherited& inherited, char* stack_base) {
  ++g_runtime.internal;
  g_runtime.shared = inherited.shared;
  g_runtime.worker = false;
  g_runtime.process = inherited.process;
  g_runtime.real = inherited.shared->processes[Index(inherited.process)].real;
  g_runtime.space = inherited.space;
  RawSyscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (RawSyscall(SYS_getppid) != WorkerPid()) ExitProcess(0);
  g_runtime.images.Scan();
  g_runtime.program = inherited.program;
  g_runtime.shared->contexts->UseProgram(RecordOf(inherited.program), g_runtime.images[0].base);
  PrepareMemory();
  g_runtime.spins.Adopt(g_runtime.shared->spin_logs);
  PrepareMainThread(stack_base);
  g_runtime.pool.SetUserSwitching(true);
  InstallSignalHandlers();
  BlockWatchdog(SIG_UNBLOCK);
  std::set_terminate(&OnTerminate);
  __libc_single_threaded = 0;
  SaveProgramState();
  AdoptActions();
  AdoptRealDescriptors();
  g_runtime.recorder.Begin(g_runtime.config().record);

  const TaskId self = g_runtime.current();
  TaskBody& body = g_runtime.body(self);
  body.slot = 0;
  body.handlers = 0;
  body.suspended = false;
  body.handled = body.restarting = 0;
  body.program = g_runtime.program;
  body.name[0] = 0;
  body.destructors = nullptr;
  body.context = g_runtime.shared->contexts->root();
  body.call_site = nullptr;
  PoolThread& thread = g_runtime.pool.slot(0);
  thread.task = self;
  thread.used = true;
  if (g_runtime.shared->runtime_at != static_cast<const void*>(&g_runtime)) {
    ReportExecve(g_runtime.argv[0], "in which csim's runtime lies elsewhere");
  }
  EnterTask(self);
  PrepareContext(thread.context, thread.stack_base, &RunExecuted, nullptr);
  csim_runtime_stack_top = thread.runtime_stack_top;
  --g_runtime.internal;
  csim_context_resume(&thread.context);
}

}  // namespace csim
