// mmap and munmap: shared mappings become known, and none stays when an execution is over.
#include <errno.h>
#include <sys/mman.h>

#include "sim/runtime/atomicity.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

long Answer(long result) {
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace

CSIM_INTERPOSE void* mmap(void* address, size_t size, int protection, int flags, int fd,
                          off_t offset) noexcept {
  const auto wish = reinterpret_cast<uintptr_t>(address);
  const long result = g_runtime.Active()
                          ? g_runtime.shared_memory.Map(wish, size, protection, flags, fd, offset)
                          : RawSyscall(SYS_mmap, address, size, protection, flags, fd, offset);
  return reinterpret_cast<void*>(Answer(result));
}

CSIM_INTERPOSE void* mmap64(void* address, size_t size, int protection, int flags, int fd,
                            off64_t offset) noexcept {
  return mmap(address, size, protection, flags, fd, offset);
}

CSIM_INTERPOSE int munmap(void* address, size_t size) noexcept {
  const auto begin = reinterpret_cast<uintptr_t>(address);
  if (!g_runtime.Active()) return static_cast<int>(Answer(RawSyscall(SYS_munmap, address, size)));
  // What lies in shared memory may be in use by other processes.
  if (g_runtime.shared_memory.Find(begin) == nullptr) {
    g_runtime.objects().ForgetRange(begin, begin + size);
    ForgetAtomicity(begin, begin + size);
  }
  return static_cast<int>(Answer(g_runtime.shared_memory.Unmap(begin, size)));
}
