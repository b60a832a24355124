#include "sim/runtime/raw_syscall.h"

#include <sys/mman.h>

#include <cstring>

#include "sim/runtime/context.h"

namespace csim {

void WriteError(const char* text) { RawSyscall(SYS_write, 2, text, strlen(text)); }

namespace {
uint64_t g_mappings_made;
}

uint64_t MappingsMade() { return g_mappings_made; }

void NoteMapping(uintptr_t address) {
  g_mappings_made = (g_mappings_made ^ address) * 0x9e3779b97f4a7c15u;
  g_mappings_made ^= g_mappings_made >> 29;
}

void* MapMemory(size_t size, int protection, int flags, void* hint) {
  const long result = RawSyscall(SYS_mmap, hint, size, protection, flags, -1, 0);
  NoteMapping(static_cast<uintptr_t>(result));
  return result < 0 && result > -4096 ? nullptr : reinterpret_cast<void*>(result);
}

uintptr_t ReadThreadPointer() {
  uintptr_t value;
  asm("mov %%fs:0, %0" : "=r"(value));  // the thread control block begins with its own address
  return value;
}

}  // namespace csim
