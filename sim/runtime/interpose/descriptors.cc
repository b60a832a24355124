// Descriptors: read, write, pipe, close, dup, fcntl and relatives. Those of real files are the kernel's.
#undef __OPTIMIZE__  // with it, the headers define some of these functions inline
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/entry.h"
#include "sim/runtime/files.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

ssize_t Read(int fd, void* buffer, size_t size) {
  if (!g_runtime.Active()) return CSIM_REAL(read)(fd, buffer, size);
  return Answer(SysRead(fd, buffer, size));
}

ssize_t Write(int fd, const void* data, size_t size) {
  if (!g_runtime.Active()) return CSIM_REAL(write)(fd, data, size);
  return Answer(SysWrite(fd, data, size));
}

// What a call that may open a real file answers.
template <typename Result>
Result Opened(Result result) {
  if (g_runtime.Active()) NoteRealDescriptors();
  return result;
}

int Open(int directory, const char* path, int flags, mode_t mode) {
  if (g_runtime.Active()) {
    const long fifo = OpenFifo(path, flags);
    if (fifo != kNoFifo) return Answer<int>(fifo);
  }
  const long fd = g_runtime.Active() ? OpenFileAt(directory, path, flags, mode)
                                     : RawSyscall(SYS_openat, directory, path, flags, mode);
  if (g_runtime.Active() && fd >= 0) KnownFile(static_cast<int>(fd));
  return Opened(Answer<int>(fd));
}

FILE* OpenStream(const char* path, const char* mode, FILE* (*open)(const char*, const char*)) {
  if (g_runtime.Active()) {
    int flags = *mode == 'r'   ? O_RDONLY
                : *mode == 'a' ? O_CREAT | O_WRONLY | O_APPEND
                               : O_CREAT | O_WRONLY | O_TRUNC;
    if (strchr(mode, '+') != nullptr) flags = (flags & ~O_ACCMODE) | O_RDWR;
    NoteOpening(AT_FDCWD, path, flags);
  }
  return Opened(open(path, mode));
}

mode_t ModeOf(const OpenFile& file) {
  switch (file.kind) {
    case FileKind::kPipe: return S_IFIFO | 0600;
    case FileKind::kSocket: return S_IFSOCK | 0777;
    default: return S_IFREG | 0600;
  }
}

mode_t ModeOf(int flags, va_list list) {
  const bool given = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return given ? va_arg(list, mode_t) : 0;
}

}  // namespace

CSIM_SAVING_ENTRY(ssize_t read(int, void*, size_t), Read)
CSIM_SAVING_ENTRY(ssize_t write(int, const void*, size_t), Write)

CSIM_INTERPOSE ssize_t __read_chk(int fd, void* buffer, size_t size, size_t) {
  return Read(fd, buffer, size);
}

CSIM_INTERPOSE ssize_t readv(int fd, const iovec* parts, int count) {
  if (!g_runtime.Active()) return CSIM_REAL(readv)(fd, parts, count);
  return Answer(SysReadv(fd, parts, count));
}

CSIM_INTERPOSE ssize_t writev(int fd, const iovec* parts, int count) {
  if (!g_runtime.Active()) return CSIM_REAL(writev)(fd, parts, count);
  return Answer(SysWritev(fd, parts, count));
}

CSIM_INTERPOSE int pipe2(int* ends, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(pipe2)(ends, flags);
  return Answer<int>(SysPipe2(ends, flags));
}

CSIM_INTERPOSE int pipe(int* ends) noexcept { return pipe2(ends, 0); }

CSIM_INTERPOSE int close(int fd) {
  if (!g_runtime.Active()) return CSIM_REAL(close)(fd);
  return Answer<int>(SysClose(fd));
}

CSIM_INTERPOSE int close_range(unsigned first, unsigned last, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(close_range)(first, last, flags);
  constexpr unsigned kMost = 65536;
  for (unsigned fd = first; fd <= std::min(last, kMost); ++fd) {
    if ((flags & CLOSE_RANGE_CLOEXEC) != 0) {
      if (SysFcntl(static_cast<int>(fd), F_GETFD, 0) >= 0)
        SysFcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
    } else {
      SysClose(static_cast<int>(fd));
    }
  }
  return 0;
}

CSIM_INTERPOSE void closefrom(int first) noexcept {
  close_range(static_cast<unsigned>(std::max(first, 0)), ~0u, 0);
}

CSIM_INTERPOSE int dup(int fd) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(dup)(fd);
  return Answer<int>(Duplicate(fd, 0, false));
}

CSIM_INTERPOSE int dup2(int from, int to) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(dup2)(from, to);
  if (from == to) return fcntl(from, F_GETFD) < 0 ? -1 : to;
  return Answer<int>(SysDup3(from, to, 0));
}

CSIM_INTERPOSE int dup3(int from, int to, int flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(dup3)(from, to, flags);
  return Answer<int>(SysDup3(from, to, flags));
}

CSIM_INTERPOSE int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  const auto argument = va_arg(list, unsigned long);
  va_end(list);
  if (!g_runtime.Active()) return CSIM_REAL(fcntl)(fd, command, argument);
  return Answer<int>(SysFcntl(fd, command, argument));
}

CSIM_INTERPOSE int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  const auto argument = va_arg(list, unsigned long);
  va_end(list);
  return fcntl(fd, command, argument);
}

CSIM_INTERPOSE off_t lseek(int fd, off_t offset, int whence) noexcept {
  const bool simulated = g_runtime.Active() && FileOf(fd) != nullptr;
  return Answer(simulated ? -ESPIPE : RawSyscall(SYS_lseek, fd, offset, whence));
}

CSIM_INTERPOSE off64_t lseek64(int fd, off64_t offset, int whence) noexcept {
  return lseek(fd, offset, whence);
}

CSIM_INTERPOSE int fstat(int fd, struct stat* result) noexcept {
  const long answer = RawSyscall(SYS_fstat, fd, result);
  if (answer == 0 && g_runtime.Active()) {
    if (const OpenFile* file = FileOf(fd)) result->st_mode = ModeOf(*file);
  }
  return Answer<int>(answer);
}

CSIM_INTERPOSE int fstat64(int fd, struct stat64* result) noexcept {
  static_assert(sizeof(struct stat) == sizeof(struct stat64));
  return fstat(fd, reinterpret_cast<struct stat*>(result));
}

// ---- Real files ----

CSIM_INTERPOSE int openat(int directory, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const int fd = Open(directory, path, flags, ModeOf(flags, list));
  va_end(list);
  return fd;
}

// (A mode that nobody has given is not looked at.)
CSIM_INTERPOSE int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = ModeOf(flags, list);
  va_end(list);
  return openat(AT_FDCWD, path, flags, mode);
}

// All offsets have 64 bits here.
extern "C" __attribute__((alias("openat"), visibility("default"))) int openat64(int, const char*,
                                                                                int, ...);
extern "C" __attribute__((alias("open"), visibility("default"))) int open64(const char*, int, ...);

#pragma GCC visibility push(default)
extern "C" {
int __open_2(const char* path, int flags) { return Open(AT_FDCWD, path, flags, 0); }
int __open64_2(const char* path, int flags) { return __open_2(path, flags); }
int __openat_2(int directory, const char* path, int flags) {
  return Open(directory, path, flags, 0);
}
int __openat64_2(int directory, const char* path, int flags) {
  return __openat_2(directory, path, flags);
}
}
#pragma GCC visibility pop

CSIM_INTERPOSE int creat(const char* path, mode_t mode) {
  return Open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

CSIM_INTERPOSE int creat64(const char* path, mode_t mode) { return creat(path, mode); }

namespace {

// The stream on a FIFO of ours; null and *no_fifo if the path is none.
FILE* OpenFifoStream(const char* path, const char* mode, bool* no_fifo) {
  const int flags = strchr(mode, '+') != nullptr ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  const long fd = OpenFifo(path, flags);
  *no_fifo = fd == kNoFifo;
  if (fd >= 0) return fdopen(static_cast<int>(fd), mode);
  if (!*no_fifo) errno = static_cast<int>(-fd);
  return nullptr;
}

}  // namespace

CSIM_INTERPOSE FILE* fopen(const char* path, const char* mode) {
  bool no_fifo = true;
  FILE* const stream = g_runtime.Active() ? OpenFifoStream(path, mode, &no_fifo) : nullptr;
  if (!no_fifo) return stream;
  return OpenStream(path, mode, CSIM_REAL(fopen));
}

CSIM_INTERPOSE FILE* fopen64(const char* path, const char* mode) { return fopen(path, mode); }
