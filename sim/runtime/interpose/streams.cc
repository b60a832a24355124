// stdio on simulated descriptors. libc's streams read and write by system calls of its own, past our
// entry points; but they do so through a table of functions, in which ours take the place of libc's.
#include "sim/runtime/streams.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

namespace csim {

namespace {

// Slots of libc's table of functions for streams on files (struct _IO_jump_t).
constexpr int kReadSlot = 14;
constexpr int kWriteSlot = 15;
constexpr int kCloseSlot = 17;

using Transfer = ssize_t (*)(FILE*, void*, ssize_t);
using Close = int (*)(FILE*);

Transfer g_read;
Transfer g_write;
Close g_close;

// The stream's descriptor is simulated, and not the output that is captured.
bool IsOurs(FILE* stream) {
  if (!g_runtime.Active()) return false;
  const OpenFile* file = FileOf(stream->_fileno);
  return file != nullptr && file->kind != FileKind::kOutput;
}

ssize_t ReadStream(FILE* stream, void* buffer, ssize_t size) {
  if (!IsOurs(stream)) return g_read(stream, buffer, size);
  return Answer(SysRead(stream->_fileno, buffer, static_cast<size_t>(size)));
}

ssize_t WriteStream(FILE* stream, void* data, ssize_t size) {
  if (!IsOurs(stream)) return g_write(stream, data, size);
  ssize_t done = 0;
  while (done < size) {
    const ssize_t part = Answer(WriteOwn(stream->_fileno, static_cast<const char*>(data) + done,
                                         static_cast<size_t>(size - done)));
    if (part < 0) break;
    done += part;
  }
  return done;
}

int CloseStream(FILE* stream) {
  if (!IsOurs(stream)) {
    if (g_runtime.Active()) return Answer<int>(SysClose(stream->_fileno));
    return g_close(stream);
  }
  return Answer<int>(SysClose(stream->_fileno));
}

}  // namespace

void TakeOverStreams() {
  for (const char* name : {"_IO_file_jumps", "_IO_wfile_jumps"}) {
    auto* table = static_cast<void**>(dlsym(RTLD_DEFAULT, name));
    if (table == nullptr) continue;
    const uintptr_t begin = reinterpret_cast<uintptr_t>(table) & ~uintptr_t{4095};
    const uintptr_t end =
        (reinterpret_cast<uintptr_t>(table + kCloseSlot + 1) + 4095) & ~uintptr_t{4095};
    if (RawSyscall(SYS_mprotect, begin, end - begin, PROT_READ | PROT_WRITE) != 0) continue;
    g_read = reinterpret_cast<Transfer>(table[kReadSlot]);
    g_write = reinterpret_cast<Transfer>(table[kWriteSlot]);
    g_close = reinterpret_cast<Close>(table[kCloseSlot]);
    table[kReadSlot] = reinterpret_cast<void*>(&ReadStream);
    table[kWriteSlot] = reinterpret_cast<void*>(&WriteStream);
    table[kCloseSlot] = reinterpret_cast<void*>(&CloseStream);
    RawSyscall(SYS_mprotect, begin, end - begin, PROT_READ);
  }
  // A task that waits inside a read must not hold a lock of libc's.
  __fsetlocking(stdin, FSETLOCKING_BYCALLER);
}

void FlushStreams() {
  bool streams = false;
  for (const Descriptor& descriptor : Table()) {
    streams |= descriptor.file != 0 && All().file(descriptor.file).streams;
  }
  if (streams) fflush(nullptr);
}

}  // namespace csim

using namespace csim;

CSIM_INTERPOSE FILE* fdopen(int fd, const char* mode) noexcept {
  const bool ours = g_runtime.Active() && FileOf(fd) != nullptr;
  if (!ours) return CSIM_REAL(fdopen)(fd, mode);
  // libc looks whether the descriptor can do what `mode` says: it is shown one that can.
  const long null = RawSyscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
  if (null < 0) return nullptr;
  FILE* stream = CSIM_REAL(fdopen)(static_cast<int>(null), mode);
  RawSyscall(SYS_close, null);
  if (stream == nullptr) return nullptr;
  stream->_fileno = fd;
  FileOf(fd)->streams = true;
  __fsetlocking(stream, FSETLOCKING_BYCALLER);
  return stream;
}
