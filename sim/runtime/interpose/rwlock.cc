// pthread reader-writer locks, under the policy asked for.
#include <errno.h>
#include <pthread.h>

#include <cstring>

#include "sim/runtime/interpose/common.h"

using namespace csim;

namespace {

uint32_t* StampOf(pthread_rwlock_t* l) { return reinterpret_cast<uint32_t*>(l); }

// glibc prefers readers unless PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP was asked for (its
// PREFER_WRITER_NP prefers readers too).
RwPolicy PolicyOf(const pthread_rwlock_t* l) {
  switch (g_runtime.config().rw_policy) {
    case RwPolicyChoice::kReaderFirst: return RwPolicy::kReaderFirst;
    case RwPolicyChoice::kWriterFirst: return RwPolicy::kWriterFirst;
    case RwPolicyChoice::kFair: return RwPolicy::kFair;
    case RwPolicyChoice::kProgram: break;
  }
  return l->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP ? RwPolicy::kWriterFirst
                                                                           : RwPolicy::kReaderFirst;
}

ObjectId LockOf(pthread_rwlock_t* l) {
  bool is_new = false;
  const ObjectId id = StampedObject(l, StampOf(l), ObjectKind::kRwLock, &is_new);
  if (is_new) g_runtime.machine().set_rw_policy(id, PolicyOf(l));
  return id;
}

int Timed(OpKind kind, pthread_rwlock_t* l, clockid_t clock, const timespec* time) {
  if (!ValidTime(time)) return EINVAL;
  return DoTimed(kind, LockOf(l), DeadlineOf(clock, time)).error;
}

}  // namespace

CSIM_INTERPOSE int pthread_rwlock_init(pthread_rwlock_t* l,
                                       const pthread_rwlockattr_t* a) noexcept {
  if (g_runtime.Active()) ForgetObject(l, ObjectKind::kRwLock);
  return CSIM_REAL(pthread_rwlock_init)(l, a);
}

CSIM_INTERPOSE int pthread_rwlock_destroy(pthread_rwlock_t* l) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_destroy)(l);
  return DestroyObject(l, StampOf(l), ObjectKind::kRwLock);
}

CSIM_INTERPOSE int pthread_rwlock_rdlock(pthread_rwlock_t* l) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_rdlock)(l);
  return Do(OpKind::kReadLock, LockOf(l)).error;
}

CSIM_INTERPOSE int pthread_rwlock_wrlock(pthread_rwlock_t* l) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_wrlock)(l);
  return Do(OpKind::kWriteLock, LockOf(l)).error;
}

CSIM_INTERPOSE int pthread_rwlock_tryrdlock(pthread_rwlock_t* l) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_tryrdlock)(l);
  return Do(OpKind::kReadTryLock, LockOf(l)).error;
}

CSIM_INTERPOSE int pthread_rwlock_trywrlock(pthread_rwlock_t* l) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_trywrlock)(l);
  return Do(OpKind::kWriteTryLock, LockOf(l)).error;
}

CSIM_INTERPOSE int pthread_rwlock_timedrdlock(pthread_rwlock_t* l, const timespec* t) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_timedrdlock)(l, t);
  return Timed(OpKind::kReadTimedLock, l, CLOCK_REALTIME, t);
}

CSIM_INTERPOSE int pthread_rwlock_timedwrlock(pthread_rwlock_t* l, const timespec* t) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_timedwrlock)(l, t);
  return Timed(OpKind::kWriteTimedLock, l, CLOCK_REALTIME, t);
}

CSIM_INTERPOSE int pthread_rwlock_clockrdlock(pthread_rwlock_t* l, clockid_t clock,
                                              const timespec* t) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_clockrdlock)(l, clock, t);
  return Timed(OpKind::kReadTimedLock, l, clock, t);
}

CSIM_INTERPOSE int pthread_rwlock_clockwrlock(pthread_rwlock_t* l, clockid_t clock,
                                              const timespec* t) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_clockwrlock)(l, clock, t);
  return Timed(OpKind::kWriteTimedLock, l, clock, t);
}

CSIM_INTERPOSE int pthread_rwlock_unlock(pthread_rwlock_t* l) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_rwlock_unlock)(l);
  return Do(OpKind::kRwUnlock, LockOf(l)).error;
}
