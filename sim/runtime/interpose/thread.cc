// Threads: create, join, detach, exit, cancel, yield.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unwind.h>

#include "sim/runtime/entry.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/program.h"
#include "sim/runtime/reports.h"

using namespace csim;

namespace {

constexpr size_t kStackSize = 8 << 20;

// ---- The end of a thread ----

// Destructors of thread-locals and thread-specific data; then the task is over. The process ends with
// its last task (main may have left by pthread_exit).
[[noreturn]] void FinishThread(void* result) {
  TaskBody& body = g_runtime.body(g_runtime.current());
  body.result = result;
  body.exiting = true;
  RunThreadLocalDestructors();
  RunSpecificDestructors();
  if (!g_runtime.machine().HasOtherTasks(g_runtime.current())) ExitProgram(0);
  AbandonRobustMutexes();
  EndTask();
}

void RunThread(void*) {
  BeginTask();
  TaskBody& body = g_runtime.body(g_runtime.current());
  FinishThread(body.start(body.argument));
}

_Unwind_Reason_Code StopAtBottom(int, _Unwind_Action actions, _Unwind_Exception_Class,
                                 _Unwind_Exception*, _Unwind_Context*, void*) {
  if ((actions & _UA_END_OF_STACK) != 0) {
    FinishThread(g_runtime.body(g_runtime.current()).result);
  }
  return _URC_NO_REASON;
}

void DropUnwind(_Unwind_Reason_Code, _Unwind_Exception*) {}

// ---- The bodies of new tasks ----

// A pooled thread whose last task, if any, has certainly ended before what `creator` does next.
int TakeSlot(TaskId creator) {
  ThreadPool& pool = g_runtime.pool;
  for (uint32_t i = 1; i < pool.size(); ++i) {
    const PoolThread& thread = pool.slot(i);
    if (!thread.used) return static_cast<int>(i);
    if (thread.task == kNoTask) continue;  // of a thread that was not copied by fork
    if (g_runtime.machine().task(thread.task).status == TaskStatus::kFinished &&
        g_runtime.detector().SlotReusable(creator, g_runtime.body(thread.task).detector_slot)) {
      return static_cast<int>(i);
    }
  }
  const uint32_t slot = pool.size();
  const int image = g_runtime.images.Find(reinterpret_cast<uintptr_t>(CSIM_REAL(pthread_create)));
  InternalScope internal;
  bool made = false;
  const Range libc = image >= 0 ? g_runtime.images[image].writable[0] : Range{};
  g_runtime.snapshot.Keep(libc, [&] { made = pool.Ensure(slot, kStackSize); });
  const bool worker = g_runtime.worker;
  if (worker && slot + 1 > g_runtime.shared->slots_wanted)
    g_runtime.shared->slots_wanted = slot + 1;
  return made ? static_cast<int>(slot) : -1;
}

int Yield() {
  if (!g_runtime.Active()) return CSIM_REAL(sched_yield)();
  Do(OpKind::kYield, kNoObject);
  return 0;
}

TaskId TaskOf(pthread_t thread) {
  const int slot = g_runtime.pool.Find(thread);
  return slot < 0 ? kNoTask : g_runtime.pool.slot(static_cast<uint32_t>(slot)).task;
}

void PrepareBody(TaskId task, int slot, uint32_t detector_slot, void* (*start)(void*),
                 void* argument) {
  TaskBody& body = g_runtime.body(task);
  body = TaskBody{};
  const TaskBody& maker = g_runtime.body(g_runtime.current());
  body.handled = maker.handled;
  body.program = g_runtime.program;
  body.restarting = maker.restarting;
  __builtin_memcpy(body.name, maker.name, sizeof body.name);
  body.slot = static_cast<uint32_t>(slot);
  body.detector_slot = detector_slot;
  body.start = start;
  body.argument = argument;
  PoolThread& thread = g_runtime.pool.slot(body.slot);
  thread.task = task;
  if (thread.used) {  // by an earlier task of this execution: fresh thread-locals
    const size_t size = g_runtime.pool.tls_size();
    __builtin_memcpy(reinterpret_cast<char*>(thread.thread_pointer) - size, thread.tls_copy, size);
  }
  thread.used = true;
  PrepareContext(thread.context, thread.stack_base, &RunThread, nullptr);
  g_runtime.detector().StartTask(task, detector_slot);
}

int Join(pthread_t thread, void** result, OpKind kind, uint64_t deadline) {
  const TaskId task = TaskOf(thread);
  if (task == kNoTask) return ESRCH;
  Operation operation;
  operation.kind = kind;
  operation.object = g_runtime.machine().task(task).thread_object;
  operation.argument = static_cast<uint64_t>(task);
  operation.deadline = deadline;
  const int error = DoCancelable(operation).error;
  if (error == 0 && result != nullptr) *result = g_runtime.body(task).result;
  return error;
}

int Create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
           void* argument) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_create)(thread, attributes, start, argument);
  const TaskId self = g_runtime.current();
  if (g_runtime.machine().task_count() >= kMaxTasks) {
    ReportLimit(Outcome::kTaskLimit, "more threads than csim can simulate in one execution");
  }
  const int slot = TakeSlot(self);
  if (slot < 0) return EAGAIN;
  const TaskId task = g_runtime.machine().AddTask(self);
  const uint32_t detector_slot = TakeDetectorSlot(self, task);
  if (detector_slot == kNoDetectorSlot) {
    ReportLimit(Outcome::kTaskLimit, "more tasks at once than csim can simulate");
  }
  PrepareBody(task, slot, detector_slot, start, argument);
  int detached = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &detached);
  g_runtime.machine().task(task).detached = detached == PTHREAD_CREATE_DETACHED;
  *thread = g_runtime.pool.slot(static_cast<uint32_t>(slot)).pthread;
  Do(OpKind::kThreadCreate, g_runtime.machine().task(task).thread_object,
     static_cast<uint64_t>(task));
  return 0;
}

}  // namespace

CSIM_RUNTIME_ENTRY(int pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*),
                                      void*) noexcept,
                   Create)

CSIM_INTERPOSE int pthread_join(pthread_t thread, void** result) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_join)(thread, result);
  return Join(thread, result, OpKind::kThreadJoin, kNoDeadline);
}

CSIM_INTERPOSE int pthread_tryjoin_np(pthread_t thread, void** result) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_tryjoin_np)(thread, result);
  return Join(thread, result, OpKind::kThreadTryJoin, kNoDeadline);
}

CSIM_INTERPOSE int pthread_timedjoin_np(pthread_t thread, void** result, const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_timedjoin_np)(thread, result, time);
  if (!ValidTime(time)) return EINVAL;
  return Join(thread, result, OpKind::kThreadTimedJoin, DeadlineOf(CLOCK_REALTIME, time));
}

CSIM_INTERPOSE int pthread_clockjoin_np(pthread_t thread, void** result, clockid_t clock,
                                        const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_clockjoin_np)(thread, result, clock, time);
  if (!ValidTime(time)) return EINVAL;
  return Join(thread, result, OpKind::kThreadTimedJoin, DeadlineOf(clock, time));
}

CSIM_INTERPOSE int pthread_detach(pthread_t thread) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_detach)(thread);
  const TaskId task = TaskOf(thread);
  if (task == kNoTask) return ESRCH;
  return Do(OpKind::kThreadDetach, g_runtime.machine().task(task).thread_object,
            static_cast<uint64_t>(task))
      .error;
}

CSIM_INTERPOSE void pthread_exit(void* result) {
  if (!g_runtime.Active()) {
    CSIM_REAL(pthread_exit)(result);
    __builtin_unreachable();
  }
  TaskBody& body = g_runtime.body(g_runtime.current());
  body.result = result;
  body.exiting = true;
  // Destructors of all frames run on the way down; C's cleanup handlers are such destructors too.
  auto* exception = static_cast<_Unwind_Exception*>(calloc(1, sizeof(_Unwind_Exception)));
  exception->exception_cleanup = &DropUnwind;
  _Unwind_ForcedUnwind(exception, &StopAtBottom, nullptr);
  FinishThread(result);
}

CSIM_INTERPOSE int pthread_cancel(pthread_t thread) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_cancel)(thread);
  const TaskId task = TaskOf(thread);
  if (task == kNoTask) return ESRCH;
  const int error = Do(OpKind::kThreadCancel, g_runtime.machine().task(task).thread_object,
                       static_cast<uint64_t>(task))
                        .error;
  if (task == g_runtime.current() && g_runtime.body(task).cancel_asynchronous) CheckCancelled();
  return error;
}

CSIM_INTERPOSE void pthread_testcancel() {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_testcancel)();
  Operation operation;  // whether the request has come by now is a matter of order
  operation.kind = OpKind::kYield;
  DoCancelable(operation);
  CheckCancelled();
}

CSIM_INTERPOSE int pthread_setcancelstate(int state, int* old) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_setcancelstate)(state, old);
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  TaskBody& body = g_runtime.body(g_runtime.current());
  if (old != nullptr) *old = body.cancel_disabled ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
  body.cancel_disabled = state == PTHREAD_CANCEL_DISABLE;
  return 0;
}

CSIM_INTERPOSE int pthread_setcanceltype(int type, int* old) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_setcanceltype)(type, old);
  if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS) return EINVAL;
  TaskBody& body = g_runtime.body(g_runtime.current());
  if (old != nullptr) {
    *old = body.cancel_asynchronous ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
  }
  body.cancel_asynchronous = type == PTHREAD_CANCEL_ASYNCHRONOUS;
  return 0;
}

CSIM_RUNTIME_ENTRY(int sched_yield() noexcept, Yield)
