// Waiting on an address, for include/csim-libstdc++: what std::atomic::wait, std::latch and
// std::barrier come down to. A futex of any size.
#include <errno.h>
#include <string.h>

#include "sim/runtime/interpose/common.h"

using namespace csim;

namespace {

struct Expectation {
  const void* address;
  const void* expected;
  size_t size;
};

uint64_t StillEqual(void* pointer) {
  const auto* e = static_cast<const Expectation*>(pointer);
  NoteFound(e->address);
  return memcmp(e->address, e->expected, e->size) == 0 ? 1 : 0;
}

ObjectId QueueOf(const void* address) {
  bool is_new = false;
  return g_runtime.objects().Find(reinterpret_cast<uintptr_t>(address), ObjectKind::kFutex,
                                  g_runtime.CallSite(), &is_new);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int csim_wait_address(const void* address, const void* expected, unsigned long size,
                      unsigned long deadline) {
  if (!g_runtime.Active()) return 0;  // natively the caller spins
  const auto at = reinterpret_cast<uintptr_t>(address);
  Expectation e{address, expected, size};
  Operation operation;
  operation.kind = OpKind::kFutexWait;
  operation.object = QueueOf(address);
  bool is_new = false;
  operation.object2 =
      g_runtime.objects().Find(at & ~uintptr_t{7}, ObjectKind::kMemory, kNoSite, &is_new);
  operation.offset = static_cast<uint8_t>(at & 7);
  operation.size = static_cast<uint8_t>(size > 8 ? 8 : size);
  if (deadline != ~0ul) {
    operation.deadline = deadline > kBootNanoseconds ? deadline - kBootNanoseconds : 0;
  }
  return PerformLate(operation, &StillEqual, &e).error == ETIMEDOUT ? 1 : 0;
}

void csim_wake_address(const void* address, int all) {
  if (!g_runtime.Active()) return;
  Do(OpKind::kFutexWake, QueueOf(address), all != 0 ? ~0u : 1u);
}

void csim_wait_peek(const void* address, void* copy, unsigned long size) {
  memcpy(copy, address, size);
}

}  // extern "C"
#pragma GCC visibility pop
