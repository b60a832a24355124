// Thread-specific data: pthread keys. Ours in every mode, because the values must move with a task's
// thread-locals and go back to their first state with them.
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>

#include <cstdlib>
#include <cstring>

#include "sim/runtime/copy_back.h"
#include "sim/runtime/program.h"
#include "sim/runtime/real.h"

namespace {

constexpr unsigned kKeys = 1024;
constexpr unsigned kDirect = 32;  // values that lie in the thread-local block itself

struct Key {
  bool used;
  uint32_t generation;  // values of an earlier key of the same number count as null
  void (*destructor)(void*);
};
Key g_keys[kKeys];
Key g_saved_keys[kKeys];
unsigned g_key_limit;  // no key from here on was ever made, in any execution of this process

struct Value {
  const void* pointer;
  uint32_t generation;
};
__attribute__((tls_model("initial-exec"))) thread_local Value t_direct[kDirect];
__attribute__((tls_model("initial-exec"))) thread_local Value* t_more;

// Not inlined: the thread pointer may have changed since the caller looked last.
__attribute__((noinline)) Value* ValueOf(unsigned key, bool make) {
  if (key < kDirect) return &t_direct[key];
  if (t_more == nullptr && make) {
    t_more = static_cast<Value*>(calloc(kKeys - kDirect, sizeof(Value)));
  }
  return t_more == nullptr ? nullptr : &t_more[key - kDirect];
}

// True if any destructor ran.
bool RunDestructorsOnce() {
  bool ran = false;
  for (unsigned key = 0; key < g_key_limit; ++key) {
    if (!g_keys[key].used || g_keys[key].destructor == nullptr) continue;
    Value* value = ValueOf(key, false);
    if (value == nullptr || value->pointer == nullptr ||
        value->generation != g_keys[key].generation) {
      continue;
    }
    void* pointer = const_cast<void*>(value->pointer);
    value->pointer = nullptr;
    g_keys[key].destructor(pointer);
    ran = true;
  }
  return ran;
}

}  // namespace

namespace csim {

void RunSpecificDestructors() {
  for (int round = 0; round < PTHREAD_DESTRUCTOR_ITERATIONS && RunDestructorsOnce(); ++round) {
  }
}

void SaveSpecific() { memcpy(g_saved_keys, g_keys, sizeof g_keys); }
void RestoreSpecific() { CopyBack(g_keys, g_saved_keys, g_key_limit * sizeof(Key)); }

}  // namespace csim

CSIM_INTERPOSE int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) noexcept {
  for (unsigned i = 0; i < kKeys; ++i) {
    if (g_keys[i].used) continue;
    g_keys[i].used = true;
    ++g_keys[i].generation;
    g_keys[i].destructor = destructor;
    if (i >= g_key_limit) g_key_limit = i + 1;
    *key = i;
    return 0;
  }
  return EAGAIN;
}

CSIM_INTERPOSE int pthread_key_delete(pthread_key_t key) noexcept {
  if (key >= kKeys || !g_keys[key].used) return EINVAL;
  g_keys[key].used = false;
  return 0;
}

CSIM_INTERPOSE int pthread_setspecific(pthread_key_t key, const void* pointer) noexcept {
  if (key >= kKeys || !g_keys[key].used) return EINVAL;
  Value* value = ValueOf(key, true);
  if (value == nullptr) return ENOMEM;
  *value = {pointer, g_keys[key].generation};
  return 0;
}

CSIM_INTERPOSE void* pthread_getspecific(pthread_key_t key) noexcept {
  if (key >= kKeys || !g_keys[key].used) return nullptr;
  const Value* value = ValueOf(key, false);
  if (value == nullptr || value->generation != g_keys[key].generation) return nullptr;
  return const_cast<void*>(value->pointer);
}
