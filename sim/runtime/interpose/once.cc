// pthread_once and the guards of function-local statics.
#include <pthread.h>

#include "sim/runtime/interpose/common.h"

using namespace csim;

namespace {

// A once object is not stamped: 0 in its own memory means "not run yet", also when that memory is
// used a second time for another object.
ObjectId OnceOf(void* object, bool fresh) {
  bool is_new = false;
  const auto address = reinterpret_cast<uintptr_t>(object);
  ObjectId id = g_runtime.objects().Find(address, ObjectKind::kOnce, g_runtime.CallSite(), &is_new);
  if (!is_new && fresh && g_runtime.machine().object(id).once_state == 2) {
    g_runtime.objects().Forget(address, ObjectKind::kOnce);
    id = g_runtime.objects().Find(address, ObjectKind::kOnce, g_runtime.CallSite(), &is_new);
  }
  return id;
}

// A call of the initialiser that leaves by an exception or by cancellation has to be repeated.
class OnceRun {
 public:
  OnceRun(pthread_once_t* control, ObjectId id) : control_(control), id_(id) {}
  ~OnceRun() {
    if (done_) *control_ = 2;
    Do(OpKind::kOnceEnd, id_, done_ ? 1 : 0);
  }
  void Done() { done_ = true; }

 private:
  pthread_once_t* control_;
  ObjectId id_;
  bool done_ = false;
};

ObjectId GuardObject(const uint64_t* guard) {
  return OnceOf(const_cast<uint64_t*>(guard), *reinterpret_cast<const char*>(guard) == 0);
}

// The fast path of a guarded static is an atomic load of the guard's first byte, which the compiler
// put into the program: it has to learn what the initialiser did.
void PublishGuard(uint64_t* guard) {
  bool is_new = false;
  const auto address = reinterpret_cast<uintptr_t>(guard);
  const ObjectId memory = g_runtime.objects().Find(address & ~uintptr_t{7}, ObjectKind::kMemory,
                                                   g_runtime.CallSite(), &is_new);
  g_runtime.detector().WriteAtomic(g_runtime.current(), memory, static_cast<uint8_t>(address & 7),
                                   1, MemoryOrder::kRelease, false);
  RefreshEpoch();
}

}  // namespace

CSIM_INTERPOSE int pthread_once(pthread_once_t* control, void (*routine)()) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_once)(control, routine);
  const ObjectId id = OnceOf(control, *control == 0);
  if (Do(OpKind::kOnceBegin, id).value != 1) return 0;
  OnceRun run(control, id);
  routine();
  run.Done();
  return 0;
}

extern "C" int __cxa_guard_acquire(uint64_t* guard);
extern "C" void __cxa_guard_release(uint64_t* guard) noexcept;
extern "C" void __cxa_guard_abort(uint64_t* guard) noexcept;

CSIM_INTERPOSE int __cxa_guard_acquire(uint64_t* guard) {
  if (!g_runtime.Active()) return CSIM_REAL(__cxa_guard_acquire)(guard);
  return Do(OpKind::kOnceBegin, GuardObject(guard)).value == 1;
}

CSIM_INTERPOSE void __cxa_guard_release(uint64_t* guard) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(__cxa_guard_release)(guard);
  Do(OpKind::kOnceEnd, GuardObject(guard), 1);
  *reinterpret_cast<char*>(guard) = 1;
  PublishGuard(guard);
}

CSIM_INTERPOSE void __cxa_guard_abort(uint64_t* guard) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(__cxa_guard_abort)(guard);
  Do(OpKind::kOnceEnd, GuardObject(guard), 0);
}
