#include "sim/runtime/program.h"

#include <link.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "model/check.h"
#include "sim/runtime/copy_back.h"
#include "sim/runtime/delivery.h"
#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/real.h"
#include "sim/runtime/runtime.h"
#include "sim/runtime/streams.h"

namespace csim {

namespace {

struct ExitHandler {
  void (*function)(void*);
  void* argument;
};
constexpr int kMaxHandlers = 4096;

// What was registered before main is kept apart, for the next execution.
class ExitHandlers {
 public:
  bool Add(void (*function)(void*), void* argument) {
    if (!Allocate()) return false;
    if (count_ == kMaxHandlers) return false;
    list_[count_++] = {function, argument};
    return true;
  }
  // The latest first; one may register others.
  void Run() {
    while (count_ > 0) {
      const ExitHandler handler = list_[--count_];
      handler.function(handler.argument);
    }
  }
  void Save() {
    if (!Allocate()) return;
    if (count_ > 0) memcpy(saved_, list_, sizeof(ExitHandler) * static_cast<size_t>(count_));
    saved_count_ = count_;
  }
  void Restore() {
    if (count_ != saved_count_) count_ = saved_count_;
    if (saved_count_ == 0) return;
    CopyBack(list_, saved_, sizeof(ExitHandler) * static_cast<size_t>(saved_count_));
  }

  void Write(ImageWriter& image) const {
    image.PutMemory(list_, sizeof(ExitHandler) * static_cast<size_t>(count_));
  }

 private:
  // Handlers come before there is a heap.
  bool Allocate() {
    if (list_ != nullptr) return true;
    list_ = static_cast<ExitHandler*>(MapMemory(2 * kMaxHandlers * sizeof(ExitHandler),
                                                PROT_READ | PROT_WRITE,
                                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE));
    if (list_ == nullptr) return false;
    saved_ = list_ + kMaxHandlers;
    return true;
  }

  ExitHandler* list_;
  ExitHandler* saved_;
  int count_;
  int saved_count_;
};
constinit ExitHandlers g_handlers{};
constinit ExitHandlers g_quick_handlers{};

// Destructor functions of the program's own image (__attribute__((destructor))).
void RunFiniArray() {
  void (**array)() = nullptr;
  size_t count = 0;
  for (const ElfW(Dyn)* d = _r_debug.r_map->l_ld; d->d_tag != DT_NULL; ++d) {
    if (d->d_tag == DT_FINI_ARRAY) {
      array = reinterpret_cast<void (**)()>(g_runtime.images[0].base + d->d_un.d_ptr);
    }
    if (d->d_tag == DT_FINI_ARRAYSZ) count = d->d_un.d_val / sizeof(void*);
  }
  while (array != nullptr && count > 0) array[--count]();
}

}  // namespace

void RunThreadLocalDestructors() {
  TaskBody& body = g_runtime.body(g_runtime.current());
  while (body.destructors != nullptr) {
    ThreadLocalDestructor* d = body.destructors;
    body.destructors = d->next;
    d->function(d->object);
  }
}

void AbandonRobustMutexes() {
  const TaskId self = g_runtime.current();
  for (;;) {
    ObjectId robust = kNoObject;
    for (const HeldLock& held : g_runtime.machine().task(self).held) {
      if (g_runtime.machine().object(held.object).robust) robust = held.object;
    }
    if (robust == kNoObject) return;
    Do(OpKind::kMutexAbandon, robust);
  }
}

void EndProcess(int status) {
  AbandonRobustMutexes();
  UndoSemops();
  CloseDescriptors();
  g_runtime.shared->processes[Index(g_runtime.process)].released = true;
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  const ProcessState& process = machine.process_of(self);
  if (process.id == kMainProcess) {
    const bool killed = (status & 0x7f) != 0;
    g_runtime.execution().exit_code = killed ? 128 + (status & 0x7f) : status >> 8 & 0xff;
  }
  Perform(machine.ExitOf(self, status));
  g_runtime.detector().FinishTask(self);
  OfferAsSpare();
  if (machine.live_tasks().empty()) {
    EndExecution(Outcome::kCompleted, g_runtime.execution().exit_code);
  }
  LeaveForNext(true);
}

void ExitNow(int code) {
  if (g_runtime.machine().process_count() > 1) EndProcess((code & 0xff) << 8);
  Operation operation;
  operation.kind = OpKind::kProcessExit;
  Perform(operation);
  EndExecution(Outcome::kCompleted, code & 0xff);
}

void ExitProgram(int code) {
  CheckAsyncSafe("exit");
  if (!g_runtime.exiting) {
    g_runtime.exiting = true;
    g_runtime.exit_code = code;
    RunThreadLocalDestructors();
    g_handlers.Run();
    RunFiniArray();
    FlushStreams();
  }
  ExitNow(code);
}

void RunMain(void*) {
  AdoptEarlyEpolls();
  const int code = g_runtime.main_function(g_runtime.argc, g_runtime.argv, g_runtime.envp);
  ExitProgram(code);
}

void SaveProgramState() {
  g_handlers.Save();
  g_quick_handlers.Save();
  SaveSpecific();
  SaveForkHandlers();
  SaveActions();
}

void WriteExitHandlers(ImageWriter& image) {
  g_handlers.Write(image);
  g_quick_handlers.Write(image);
}

void RestoreProgramState() {
  g_handlers.Restore();
  g_quick_handlers.Restore();
  RestoreSpecific();
  RestoreForkHandlers();
  RestoreActions();
  g_runtime.exiting = false;
}

namespace {

bool UnderCsim() {
  static int known = 0;  // 0 unknown, 1 no, 2 yes
  if (known == 0) {
    if (environ == nullptr) return false;
    known = getenv(kMappingVariable) != nullptr ? 2 : 1;
  }
  return known == 2;
}

int AddHandler(void (*function)(void*), void* argument) {
  return g_handlers.Add(function, argument) ? 0 : -1;
}

void CallOnExit(void* pair) {
  auto* p = static_cast<void**>(pair);
  reinterpret_cast<void (*)(int, void*)>(p[0])(g_runtime.exit_code, p[1]);
}

}  // namespace

bool RunsUnderCsim() { return UnderCsim(); }

}  // namespace csim

using namespace csim;

extern "C" int __cxa_atexit(void (*)(void*), void*, void*) noexcept;
extern "C" int __cxa_at_quick_exit(void (*)(void*), void*) noexcept;
extern "C" int __cxa_thread_atexit_impl(void (*)(void*), void*, void*) noexcept;
extern "C" int __cxa_thread_atexit(void (*)(void*), void*, void*) noexcept;

CSIM_INTERPOSE int __cxa_atexit(void (*function)(void*), void* argument, void* dso) noexcept {
  if (!UnderCsim()) return CSIM_REAL(__cxa_atexit)(function, argument, dso);
  return AddHandler(function, argument);
}

CSIM_INTERPOSE int on_exit(void (*function)(int, void*), void* argument) noexcept {
  if (!UnderCsim()) return CSIM_REAL(on_exit)(function, argument);
  auto* pair = static_cast<void**>(malloc(2 * sizeof(void*)));
  pair[0] = reinterpret_cast<void*>(function);
  pair[1] = argument;
  return AddHandler(&CallOnExit, pair);
}

CSIM_INTERPOSE int __cxa_thread_atexit_impl(void (*function)(void*), void* object,
                                            void* dso) noexcept {
  if (g_runtime.shared == nullptr || !g_runtime.execution().active) {
    if (!UnderCsim()) return CSIM_REAL(__cxa_thread_atexit_impl)(function, object, dso);
    return AddHandler(function, object);  // main's, before main: they end with the process
  }
  auto* d = static_cast<ThreadLocalDestructor*>(malloc(sizeof(ThreadLocalDestructor)));
  TaskBody& body = g_runtime.body(g_runtime.current());
  *d = {function, object, body.destructors};
  body.destructors = d;
  return 0;
}

CSIM_INTERPOSE int __cxa_thread_atexit(void (*function)(void*), void* object, void* dso) noexcept {
  return __cxa_thread_atexit_impl(function, object, dso);
}

CSIM_INTERPOSE void exit(int code) noexcept {
  if (!g_runtime.Active()) {
    CSIM_REAL(exit)(code);
    __builtin_unreachable();
  }
  ExitProgram(code);
}

CSIM_INTERPOSE void _exit(int code) {
  if (!g_runtime.Active()) ExitProcess(code);
  ExitNow(code);
}

CSIM_INTERPOSE void _Exit(int code) noexcept {
  if (!g_runtime.Active()) ExitProcess(code);
  ExitNow(code);
}

CSIM_INTERPOSE int __cxa_at_quick_exit(void (*function)(void*), void* dso) noexcept {
  if (!UnderCsim()) return CSIM_REAL(__cxa_at_quick_exit)(function, dso);
  return g_quick_handlers.Add(function, nullptr) ? 0 : -1;
}

CSIM_INTERPOSE void quick_exit(int code) noexcept {
  if (!g_runtime.Active()) {
    CSIM_REAL(quick_exit)(code);
    __builtin_unreachable();
  }
  g_quick_handlers.Run();
  ExitNow(code);
}
