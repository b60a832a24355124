// The threads of C11, on top of our pthread functions (libc's own reach its internals directly).
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

#include "sim/runtime/real.h"

namespace {

int Answer(int error) {
  switch (error) {
    case 0: return thrd_success;
    case ENOMEM: return thrd_nomem;
    case ETIMEDOUT: return thrd_timedout;
    case EBUSY: return thrd_busy;
    default: return thrd_error;
  }
}

pthread_mutex_t* Mutex(mtx_t* m) { return reinterpret_cast<pthread_mutex_t*>(m); }
pthread_cond_t* Condition(cnd_t* c) { return reinterpret_cast<pthread_cond_t*>(c); }

struct Start {
  thrd_start_t function;
  void* argument;
};

void* Run(void* start_pointer) {
  const Start start = *static_cast<Start*>(start_pointer);
  free(start_pointer);
  return reinterpret_cast<void*>(static_cast<intptr_t>(start.function(start.argument)));
}

}  // namespace

CSIM_INTERPOSE int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto* start = static_cast<Start*>(malloc(sizeof(Start)));
  if (start == nullptr) return thrd_nomem;
  *start = {function, argument};
  return Answer(pthread_create(thread, nullptr, &Run, start));
}

CSIM_INTERPOSE int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(value));
  return Answer(error);
}

CSIM_INTERPOSE int thrd_detach(thrd_t thread) { return Answer(pthread_detach(thread)); }
CSIM_INTERPOSE void thrd_exit(int result) {
  pthread_exit(reinterpret_cast<void*>(static_cast<intptr_t>(result)));
}
CSIM_INTERPOSE void thrd_yield() { sched_yield(); }
CSIM_INTERPOSE int thrd_sleep(const timespec* time, timespec* rest) {
  return nanosleep(time, rest) == 0 ? 0 : -1;
}

CSIM_INTERPOSE int mtx_init(mtx_t* m, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(
      &attributes, (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
  return Answer(pthread_mutex_init(Mutex(m), &attributes));
}
CSIM_INTERPOSE int mtx_lock(mtx_t* m) { return Answer(pthread_mutex_lock(Mutex(m))); }
CSIM_INTERPOSE int mtx_trylock(mtx_t* m) { return Answer(pthread_mutex_trylock(Mutex(m))); }
CSIM_INTERPOSE int mtx_timedlock(mtx_t* m, const timespec* time) {
  return Answer(pthread_mutex_timedlock(Mutex(m), time));
}
CSIM_INTERPOSE int mtx_unlock(mtx_t* m) { return Answer(pthread_mutex_unlock(Mutex(m))); }
CSIM_INTERPOSE void mtx_destroy(mtx_t* m) { pthread_mutex_destroy(Mutex(m)); }

CSIM_INTERPOSE int cnd_init(cnd_t* c) { return Answer(pthread_cond_init(Condition(c), nullptr)); }
CSIM_INTERPOSE int cnd_signal(cnd_t* c) { return Answer(pthread_cond_signal(Condition(c))); }
CSIM_INTERPOSE int cnd_broadcast(cnd_t* c) { return Answer(pthread_cond_broadcast(Condition(c))); }
CSIM_INTERPOSE int cnd_wait(cnd_t* c, mtx_t* m) {
  return Answer(pthread_cond_wait(Condition(c), Mutex(m)));
}
CSIM_INTERPOSE int cnd_timedwait(cnd_t* c, mtx_t* m, const timespec* time) {
  return Answer(pthread_cond_timedwait(Condition(c), Mutex(m), time));
}
CSIM_INTERPOSE void cnd_destroy(cnd_t* c) { pthread_cond_destroy(Condition(c)); }

CSIM_INTERPOSE void call_once(once_flag* flag, void (*function)()) {
  pthread_once(reinterpret_cast<pthread_once_t*>(flag), function);
}

CSIM_INTERPOSE int tss_create(tss_t* key, tss_dtor_t destructor) {
  return Answer(pthread_key_create(key, destructor));
}
CSIM_INTERPOSE void* tss_get(tss_t key) { return pthread_getspecific(key); }
CSIM_INTERPOSE int tss_set(tss_t key, void* value) {
  return Answer(pthread_setspecific(key, value));
}
CSIM_INTERPOSE void tss_delete(tss_t key) { pthread_key_delete(key); }
