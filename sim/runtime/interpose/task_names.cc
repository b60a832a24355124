// Names of threads and processes (PR_SET_NAME). They are the task's, not the kernel's: a thread of the kernel's runs
// many tasks, and goes on after the execution.
#include "sim/runtime/task_names.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

// As many bytes as the kernel has for one, with the zero.
constexpr size_t kSize = sizeof TaskBody::name;

TaskBody* BodyOf(pthread_t thread) {
  const int slot = g_runtime.pool.Find(thread);
  if (slot < 0) return nullptr;
  const TaskId task = g_runtime.pool.slot(static_cast<uint32_t>(slot)).task;
  return task == kNoTask ? nullptr : &g_runtime.body(task);
}

void Get(const TaskBody& body, char* name) {
  if (body.name[0] == 0) {
    RawSyscall(SYS_prctl, PR_GET_NAME, name, 0, 0, 0);
  } else {
    memcpy(name, body.name, kSize);
  }
}

void Set(TaskBody& body, const char* name) {
  memset(body.name, 0, kSize);
  strncpy(body.name, name, kSize - 1);
}

}  // namespace

namespace csim {
void GetOwnName(char* name) { Get(g_runtime.body(g_runtime.current()), name); }
void SetOwnName(const char* name) { Set(g_runtime.body(g_runtime.current()), name); }
}  // namespace csim

CSIM_INTERPOSE int pthread_setname_np(pthread_t thread, const char* name) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_setname_np)(thread, name);
  if (strlen(name) >= kSize) return ERANGE;
  TaskBody* const body = BodyOf(thread);
  if (body == nullptr) return ESRCH;
  Set(*body, name);
  return 0;
}

CSIM_INTERPOSE int pthread_getname_np(pthread_t thread, char* name, size_t size) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_getname_np)(thread, name, size);
  if (size < kSize) return ERANGE;
  const TaskBody* const body = BodyOf(thread);
  if (body == nullptr) return ESRCH;
  NoteWrites(name, kSize);
  Get(*body, name);
  return 0;
}
