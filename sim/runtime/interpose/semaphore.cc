// POSIX semaphores and barriers.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "sim/runtime/interpose/common.h"

using namespace csim;

namespace {

// The C library initialises these objects, also before main; its first words keep the semaphore's
// value and the barrier's size. Our number goes into the last word, which it never uses.
constexpr int kValueWord = 0;
constexpr int kSizeWord = 2;
constexpr int kStampWord = 7;
static_assert(sizeof(sem_t) >= 32 && sizeof(pthread_barrier_t) >= 32);

uint32_t* WordsOf(void* object) { return static_cast<uint32_t*>(object); }
uint32_t* StampOf(void* object) { return WordsOf(object) + kStampWord; }

ObjectId SemaphoreOf(sem_t* s) {
  bool is_new = false;
  const ObjectId id = StampedObject(s, StampOf(s), ObjectKind::kSemaphore, &is_new);
  if (is_new) g_runtime.machine().object(id).count = WordsOf(s)[kValueWord];
  return id;
}

ObjectId BarrierOf(pthread_barrier_t* b) {
  bool is_new = false;
  const ObjectId id = StampedObject(b, StampOf(b), ObjectKind::kBarrier, &is_new);
  if (is_new) g_runtime.machine().object(id).limit = WordsOf(b)[kSizeWord];
  return id;
}

// Semaphore functions give errors through errno.
int Answer(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

int Wait(sem_t* s, OpKind kind, uint64_t deadline) {
  Operation operation;
  operation.kind = kind;
  operation.object = SemaphoreOf(s);
  operation.deadline = deadline;
  return Answer(DoCancelable(operation).error);
}

}  // namespace

CSIM_INTERPOSE int sem_init(sem_t* s, int shared, unsigned value) noexcept {
  const int answer = CSIM_REAL(sem_init)(s, shared, value);
  if (answer != 0) return answer;
  if (g_runtime.Active()) ForgetObject(s, ObjectKind::kSemaphore);
  *StampOf(s) = 0;
  return 0;
}

CSIM_INTERPOSE int sem_destroy(sem_t* s) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sem_destroy)(s);
  return Answer(DestroyObject(s, StampOf(s), ObjectKind::kSemaphore));
}

CSIM_INTERPOSE int sem_wait(sem_t* s) {
  if (!g_runtime.Active()) return CSIM_REAL(sem_wait)(s);
  return Wait(s, OpKind::kSemWait, kNoDeadline);
}

CSIM_INTERPOSE int sem_trywait(sem_t* s) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sem_trywait)(s);
  return Answer(Do(OpKind::kSemTryWait, SemaphoreOf(s)).error);
}

CSIM_INTERPOSE int sem_timedwait(sem_t* s, const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(sem_timedwait)(s, time);
  if (!ValidTime(time)) return Answer(EINVAL);
  return Wait(s, OpKind::kSemTimedWait, DeadlineOf(CLOCK_REALTIME, time));
}

CSIM_INTERPOSE int sem_clockwait(sem_t* s, clockid_t clock, const timespec* time) {
  if (!g_runtime.Active()) return CSIM_REAL(sem_clockwait)(s, clock, time);
  if (!ValidTime(time)) return Answer(EINVAL);
  return Wait(s, OpKind::kSemTimedWait, DeadlineOf(clock, time));
}

CSIM_INTERPOSE int sem_post(sem_t* s) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sem_post)(s);
  return Answer(Do(OpKind::kSemPost, SemaphoreOf(s), 1).error);
}

CSIM_INTERPOSE int sem_getvalue(sem_t* s, int* value) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sem_getvalue)(s, value);
  *value = static_cast<int>(Do(OpKind::kSemGetValue, SemaphoreOf(s)).value);
  return 0;
}

CSIM_INTERPOSE int pthread_barrier_init(pthread_barrier_t* b, const pthread_barrierattr_t* a,
                                        unsigned count) noexcept {
  const int error = CSIM_REAL(pthread_barrier_init)(b, a, count);
  if (error != 0) return error;
  if (g_runtime.Active()) ForgetObject(b, ObjectKind::kBarrier);
  *StampOf(b) = 0;
  return 0;
}

CSIM_INTERPOSE int pthread_barrier_destroy(pthread_barrier_t* b) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_barrier_destroy)(b);
  return DestroyObject(b, StampOf(b), ObjectKind::kBarrier);
}

CSIM_INTERPOSE int pthread_barrier_wait(pthread_barrier_t* b) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pthread_barrier_wait)(b);
  const OpResult result = Do(OpKind::kBarrierWait, BarrierOf(b));
  return result.value == 1 ? PTHREAD_BARRIER_SERIAL_THREAD : result.error;
}
