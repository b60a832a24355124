// pthread mutexes and spin locks.
#include <errno.h>
#include <pthread.h>

#include "sim/runtime/delivery.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/interpose/common.h"

using namespace csim;

namespace {

// glibc's layout: the kind in bits 0-1 of the word at offset 16 (0 normal, 1 recursive, 2 error
// checking, 3 adaptive); the word at offset 4, the depth of a recursive mutex, is free for our number.
uint32_t* StampOf(pthread_mutex_t* m) { return &reinterpret_cast<uint32_t*>(m)[1]; }

constexpr int kRobust = 16;

MutexType TypeOf(const pthread_mutex_t* m) {
  switch (m->__data.__kind & 3) {
    case PTHREAD_MUTEX_RECURSIVE: return MutexType::kRecursive;
    case PTHREAD_MUTEX_ERRORCHECK: return MutexType::kErrorChecking;
    default: return MutexType::kNormal;
  }
}

ObjectId MutexOf(pthread_mutex_t* m) {
  bool is_new = false;
  const ObjectId id = StampedObject(m, StampOf(m), ObjectKind::kMutex, &is_new);
  if (is_new) {
    g_runtime.machine().object(id).mutex_type = TypeOf(m);
    g_runtime.machine().object(id).robust = (m->__data.__kind & kRobust) != 0;
  }
  return id;
}

ObjectId SpinOf(pthread_spinlock_t* lock) {
  bool is_new = false;
  return StampedObject(const_cast<int*>(lock), reinterpret_cast<uint32_t*>(const_cast<int*>(lock)),
                       ObjectKind::kSpinLock, &is_new);
}

int TimedLock(pthread_mutex_t* m, clockid_t clock, const timespec* time) {
  if (!ValidTime(time)) return EINVAL;
  return DoTimed(OpKind::kMutexTimedLock, MutexOf(m), DeadlineOf(clock, time)).error;
}

int Lock(pthread_mutex_t* m) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_mutex_lock)(m);
  CheckAsyncSafe("pthread_mutex_lock");
  return Do(OpKind::kMutexLock, MutexOf(m)).error;
}

int Unlock(pthread_mutex_t* m) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_mutex_unlock)(m);
  return Do(OpKind::kMutexUnlock, MutexOf(m)).error;
}

int TryLock(pthread_mutex_t* m) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_mutex_trylock)(m);
  return Do(OpKind::kMutexTryLock, MutexOf(m)).error;
}

int SpinTryLock(pthread_spinlock_t* lock) {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_spin_trylock)(lock);
  return Do(OpKind::kSpinTryLock, SpinOf(lock)).error;
}

}  // namespace

namespace csim {
ObjectId MutexObject(pthread_mutex_t* m) { return MutexOf(m); }
}  // namespace csim

CSIM_INTERPOSE int pthread_mutex_init(pthread_mutex_t* m, const pthread_mutexattr_t* a) noexcept {
  if (g_runtime.Active()) ForgetObject(m, ObjectKind::kMutex);
  return CSIM_REAL(pthread_mutex_init)(m, a);
}

CSIM_INTERPOSE int pthread_mutex_destroy(pthread_mutex_t* m) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_mutex_destroy)(m);
  return DestroyObject(m, StampOf(m), ObjectKind::kMutex);
}

CSIM_RUNTIME_ENTRY(int pthread_mutex_lock(pthread_mutex_t*) noexcept, Lock)
CSIM_RUNTIME_ENTRY(int pthread_mutex_trylock(pthread_mutex_t*) noexcept, TryLock)

CSIM_INTERPOSE int pthread_mutex_timedlock(pthread_mutex_t* m, const timespec* time) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_mutex_timedlock)(m, time);
  return TimedLock(m, CLOCK_REALTIME, time);
}

CSIM_INTERPOSE int pthread_mutex_clocklock(pthread_mutex_t* m, clockid_t clock,
                                           const timespec* time) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_mutex_clocklock)(m, clock, time);
  return TimedLock(m, clock, time);
}

CSIM_INTERPOSE int pthread_mutex_consistent(pthread_mutex_t* m) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_mutex_consistent)(m);
  return Do(OpKind::kMutexConsistent, MutexOf(m)).error;
}

CSIM_RUNTIME_ENTRY(int pthread_mutex_unlock(pthread_mutex_t*) noexcept, Unlock)

CSIM_INTERPOSE int pthread_spin_init(pthread_spinlock_t* lock, int) noexcept {
  if (g_runtime.Active()) ForgetObject(const_cast<int*>(lock), ObjectKind::kSpinLock);
  *lock = 0;
  return 0;
}

CSIM_INTERPOSE int pthread_spin_destroy(pthread_spinlock_t* lock) noexcept {
  if (!g_runtime.Active()) return 0;
  return DestroyObject(const_cast<int*>(lock), reinterpret_cast<uint32_t*>(const_cast<int*>(lock)),
                       ObjectKind::kSpinLock);
}

CSIM_INTERPOSE int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_spin_lock)(lock);
  return Do(OpKind::kSpinLock, SpinOf(lock)).error;
}

CSIM_RUNTIME_ENTRY(int pthread_spin_trylock(pthread_spinlock_t*) noexcept, SpinTryLock)

CSIM_INTERPOSE int pthread_spin_unlock(pthread_spinlock_t* lock) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_spin_unlock)(lock);
  return Do(OpKind::kSpinUnlock, SpinOf(lock)).error;
}
