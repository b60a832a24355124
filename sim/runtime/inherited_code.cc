#include "sim/runtime/inherited_code.h"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include "sim/runtime/images.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

constexpr uintptr_t kPage = 4096;

// Writes the first byte of the mapping, as it is.
void WriteOnce(Range range, int protection) {
  if (RawSyscall(SYS_mprotect, range.begin, range.size(), protection | PROT_WRITE) != 0) return;
  auto* const byte = reinterpret_cast<volatile char*>(range.begin);
  *byte = *byte;
  RawSyscall(SYS_mprotect, range.begin, range.size(), protection);
}

int InheritOne(dl_phdr_info* info, size_t, void*) {
  const bool program = info->dlpi_addr == g_runtime.images[0].base;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& p = info->dlpi_phdr[i];
    if (p.p_type != PT_LOAD || (p.p_flags & PF_W) != 0 || (p.p_flags & PF_R) == 0) continue;
    const uintptr_t begin = info->dlpi_addr + p.p_vaddr;
    const Range range{begin & ~(kPage - 1), (begin + p.p_memsz + kPage - 1) & ~(kPage - 1)};
    const int image = g_runtime.images.Find(begin);
    if (!program && (image < 0 || !g_runtime.images[image].ours)) continue;
    WriteOnce(range, PROT_READ | ((p.p_flags & PF_X) != 0 ? PROT_EXEC : 0));
  }
  return 0;
}

}  // namespace

void InheritCode() {
  static bool done = false;
  if (done) return;
  done = true;
  const InternalScope internal;
  dl_iterate_phdr(&InheritOne, nullptr);
}

}  // namespace csim
