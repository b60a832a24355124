#include "sim/runtime/hidden_files.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "sim/runtime/raw_syscall.h"

namespace csim {

int HideDescriptor(int fd) {
  const bool is_hidden = fd >= kHiddenDescriptors;
  const long hidden =
      is_hidden ? fd : RawSyscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kHiddenDescriptors);
  if (is_hidden || hidden < 0) {
    RawSyscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
    return fd;
  }
  RawSyscall(SYS_close, fd);
  return static_cast<int>(hidden);
}

int MakeHiddenFile(const char* name, size_t size) {
  const long fd = RawSyscall(SYS_memfd_create, name, MFD_CLOEXEC);
  if (fd < 0) return static_cast<int>(fd);
  const int hidden = HideDescriptor(static_cast<int>(fd));
  const long error = size == 0 ? 0 : RawSyscall(SYS_ftruncate, hidden, size);
  if (error == 0) return hidden;
  RawSyscall(SYS_close, hidden);
  return static_cast<int>(error);
}

}  // namespace csim
