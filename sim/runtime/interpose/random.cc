// Random numbers of the system: the same sequence in every execution.
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

uint64_t NextRandom() {
  uint64_t x = (g_runtime.execution().random += 0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void Fill(void* buffer, size_t size) {
  auto* bytes = static_cast<unsigned char*>(buffer);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(NextRandom());
}

}  // namespace

CSIM_INTERPOSE ssize_t getrandom(void* buffer, size_t size, unsigned flags) {
  if (!g_runtime.Active()) return RawSyscall(SYS_getrandom, buffer, size, flags);
  Fill(buffer, size);
  return static_cast<ssize_t>(size);
}

CSIM_INTERPOSE int getentropy(void* buffer, size_t size) {
  if (!g_runtime.Active()) return RawSyscall(SYS_getrandom, buffer, size, 0) < 0 ? -1 : 0;
  Fill(buffer, size);
  return 0;
}

CSIM_INTERPOSE uint32_t arc4random() noexcept {
  uint32_t value = 0;
  getentropy(&value, sizeof value);
  return value;
}

// std::random_device::_M_getval(): libstdc++ asks the processor.
extern "C" unsigned RandomDeviceGet(void*) __asm__("_ZNSt13random_device9_M_getvalEv");
extern "C" __attribute__((visibility("default"))) unsigned RandomDeviceGet(void*) {
  return arc4random();
}
