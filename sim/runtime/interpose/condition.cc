// pthread condition variables.
#include <errno.h>
#include <pthread.h>

#include <cstring>

#include "sim/runtime/interpose/common.h"

namespace csim {
ObjectId MutexObject(pthread_mutex_t* m);  // mutex.cc
}

using namespace csim;

namespace {

// The first word is free for our number; glibc keeps the clock in bit 1 of the word at offset 36.
uint32_t* StampOf(pthread_cond_t* c) { return reinterpret_cast<uint32_t*>(c); }

ObjectId ConditionOf(pthread_cond_t* c) {
  bool is_new = false;
  return StampedObject(c, StampOf(c), ObjectKind::kCondition, &is_new);
}

clockid_t ClockOf(const pthread_cond_t* c) {
  return (c->__data.__wrefs & 2) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

int Wait(pthread_cond_t* c, pthread_mutex_t* m, uint64_t deadline) {
  Operation operation;
  operation.kind = OpKind::kCondWait;
  operation.object = ConditionOf(c);
  operation.object2 = MutexObject(m);
  operation.deadline = deadline;
  return DoCancelable(operation).error;
}

}  // namespace

CSIM_INTERPOSE int pthread_cond_init(pthread_cond_t* c, const pthread_condattr_t* a) noexcept {
  if (g_runtime.Active()) ForgetObject(c, ObjectKind::kCondition);
  clockid_t clock = CLOCK_REALTIME;
  if (a != nullptr) pthread_condattr_getclock(a, &clock);
  memset(c, 0, sizeof *c);
  c->__data.__wrefs = clock == CLOCK_MONOTONIC ? 2 : 0;
  return 0;
}

CSIM_INTERPOSE int pthread_cond_destroy(pthread_cond_t* c) noexcept {
  if (!g_runtime.Active()) return 0;
  return DestroyObject(c, StampOf(c), ObjectKind::kCondition);
}

CSIM_INTERPOSE int pthread_cond_wait(pthread_cond_t* c, pthread_mutex_t* m) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_cond_wait)(c, m);
  return Wait(c, m, kNoDeadline);
}

CSIM_INTERPOSE int pthread_cond_timedwait(pthread_cond_t* c, pthread_mutex_t* m,
                                          const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_cond_timedwait)(c, m, time);
  if (!ValidTime(time)) return EINVAL;
  return Wait(c, m, DeadlineOf(ClockOf(c), time));
}

CSIM_INTERPOSE int pthread_cond_clockwait(pthread_cond_t* c, pthread_mutex_t* m, clockid_t clock,
                                          const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_cond_clockwait)(c, m, clock, time);
  if (!ValidTime(time)) return EINVAL;
  return Wait(c, m, DeadlineOf(clock, time));
}

CSIM_INTERPOSE int pthread_cond_signal(pthread_cond_t* c) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_cond_signal)(c);
  return Do(OpKind::kCondSignal, ConditionOf(c)).error;
}

CSIM_INTERPOSE int pthread_cond_broadcast(pthread_cond_t* c) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_cond_broadcast)(c);
  return Do(OpKind::kCondBroadcast, ConditionOf(c)).error;
}
