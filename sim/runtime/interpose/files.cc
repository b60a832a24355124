// Names and contents of real files: mkdir, unlink, rename, link, mkstemp, stat, pread and relatives. What an
// execution makes is taken away when it is over (files.h).
#undef __OPTIMIZE__  // with it, the headers define some of these functions inline
#undef _FORTIFY_SOURCE
#include "sim/runtime/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

// The way of a system call on a path: as one that makes it, removes it, or looks at it.
using Way = long (*)(int directory, const char* path, long (*call)(void*), void* context);

template <typename Call>
int Go(Way way, int directory, const char* path, Call call) {
  if (!g_runtime.Active()) return Answer<int>(call());
  return Answer<int>(way(directory, path, &CallOf<Call>, &call));
}

// A name that nobody has yet, made of a template that ends with XXXXXX and `suffix` characters. `make`
// gives a descriptor or 0.
template <typename Make>
long MakeTemporary(char* pattern, int suffix, Make make) {
  constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr size_t kVariable = 6;
  const size_t size = strlen(pattern);
  if (suffix < 0 || size < kVariable + static_cast<size_t>(suffix)) return -EINVAL;
  char* const part = pattern + size - static_cast<size_t>(suffix) - kVariable;
  if (memcmp(part, "XXXXXX", kVariable) != 0) return -EINVAL;
  for (int attempt = 0; attempt < 10000; ++attempt) {
    for (size_t i = 0; i < kVariable; ++i) part[i] = kLetters[arc4random() % 36];
    const long result = make();
    if (result != -EEXIST) return result;
  }
  return -EEXIST;
}

int MakeTemporaryFile(char* pattern, int suffix, int flags) {
  const long fd = MakeTemporary(pattern, suffix, [&] {
    const int all = (flags & ~O_ACCMODE) | O_RDWR | O_CREAT | O_EXCL;
    if (!g_runtime.Active()) return RawSyscall(SYS_openat, AT_FDCWD, pattern, all, 0600);
    NoteRealDescriptors();
    return OpenFileAt(AT_FDCWD, pattern, all, 0600);
  });
  return Answer<int>(fd);
}

}  // namespace

CSIM_INTERPOSE int mkdirat(int directory, const char* path, mode_t mode) noexcept {
  return Go(&MakeFileAt, directory, path,
            [=] { return RawSyscall(SYS_mkdirat, directory, path, mode); });
}

CSIM_INTERPOSE int mkdir(const char* path, mode_t mode) noexcept {
  return mkdirat(AT_FDCWD, path, mode);
}

CSIM_INTERPOSE int symlinkat(const char* target, int directory, const char* path) noexcept {
  return Go(&MakeFileAt, directory, path,
            [=] { return RawSyscall(SYS_symlinkat, target, directory, path); });
}

CSIM_INTERPOSE int symlink(const char* target, const char* path) noexcept {
  return symlinkat(target, AT_FDCWD, path);
}

CSIM_INTERPOSE int linkat(int from_directory, const char* from, int directory, const char* path,
                          int flags) noexcept {
  return Go(&MakeFileAt, directory, path,
            [=] { return RawSyscall(SYS_linkat, from_directory, from, directory, path, flags); });
}

CSIM_INTERPOSE int link(const char* from, const char* path) noexcept {
  return linkat(AT_FDCWD, from, AT_FDCWD, path, 0);
}

CSIM_INTERPOSE int unlinkat(int directory, const char* path, int flags) noexcept {
  return Go(&RemoveFileAt, directory, path,
            [=] { return RawSyscall(SYS_unlinkat, directory, path, flags); });
}

// Paths of sockets and FIFOs are names among csim's, and not in the file system.
CSIM_INTERPOSE int unlink(const char* path) noexcept {
  if (g_runtime.Active() && (UnbindPath(path) || RemoveFifo(path))) return 0;
  return unlinkat(AT_FDCWD, path, 0);
}

CSIM_INTERPOSE int rmdir(const char* path) noexcept {
  return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

CSIM_INTERPOSE int remove(const char* path) noexcept {
  if (g_runtime.Active() && (UnbindPath(path) || RemoveFifo(path))) return 0;
  return Go(&RemoveFileAt, AT_FDCWD, path, [=]() -> long {
    const long result = RawSyscall(SYS_unlinkat, AT_FDCWD, path, 0);
    return result == -EISDIR ? RawSyscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR) : result;
  });
}

CSIM_INTERPOSE int renameat2(int from_directory, const char* from, int to_directory, const char* to,
                             unsigned flags) noexcept {
  if (!g_runtime.Active()) {
    return Answer<int>(RawSyscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
  }
  return Answer<int>(RenameFile(from_directory, from, to_directory, to, flags));
}

CSIM_INTERPOSE int renameat(int from_directory, const char* from, int to_directory,
                            const char* to) noexcept {
  return renameat2(from_directory, from, to_directory, to, 0);
}

CSIM_INTERPOSE int rename(const char* from, const char* to) noexcept {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

// ---- Temporary files: the same names in every execution ----

CSIM_INTERPOSE int mkostemps(char* pattern, int suffix, int flags) {
  return MakeTemporaryFile(pattern, suffix, flags);
}
CSIM_INTERPOSE int mkostemps64(char* pattern, int suffix, int flags) {
  return MakeTemporaryFile(pattern, suffix, flags);
}
CSIM_INTERPOSE int mkostemp(char* pattern, int flags) {
  return MakeTemporaryFile(pattern, 0, flags);
}
CSIM_INTERPOSE int mkostemp64(char* pattern, int flags) {
  return MakeTemporaryFile(pattern, 0, flags);
}
CSIM_INTERPOSE int mkstemps(char* pattern, int suffix) {
  return MakeTemporaryFile(pattern, suffix, 0);
}
CSIM_INTERPOSE int mkstemps64(char* pattern, int suffix) {
  return MakeTemporaryFile(pattern, suffix, 0);
}
CSIM_INTERPOSE int mkstemp(char* pattern) { return MakeTemporaryFile(pattern, 0, 0); }
CSIM_INTERPOSE int mkstemp64(char* pattern) { return MakeTemporaryFile(pattern, 0, 0); }

CSIM_INTERPOSE char* mkdtemp(char* pattern) noexcept {
  const long made =
      MakeTemporary(pattern, 0, [&]() -> long { return mkdir(pattern, 0700) == 0 ? 0 : -errno; });
  return Answer<int>(made) == 0 ? pattern : nullptr;
}

// ---- Looking ----

CSIM_INTERPOSE int faccessat(int directory, const char* path, int mode, int flags) noexcept {
  return Go(&LookAtFile, directory, path, [=]() -> long {
    return CSIM_REAL(faccessat)(directory, path, mode, flags) == 0 ? 0 : -errno;
  });
}

CSIM_INTERPOSE int access(const char* path, int mode) noexcept {
  return Go(&LookAtFile, AT_FDCWD, path,
            [=] { return RawSyscall(SYS_faccessat, AT_FDCWD, path, mode); });
}

CSIM_INTERPOSE int fstatat(int directory, const char* path, struct stat* result,
                           int flags) noexcept {
  const bool itself = *path == 0;
  const auto look = [=] { return RawSyscall(SYS_newfstatat, directory, path, result, flags); };
  return itself ? Answer<int>(look()) : Go(&LookAtFile, directory, path, look);
}

CSIM_INTERPOSE int stat(const char* path, struct stat* result) noexcept {
  return fstatat(AT_FDCWD, path, result, 0);
}

CSIM_INTERPOSE int lstat(const char* path, struct stat* result) noexcept {
  return fstatat(AT_FDCWD, path, result, AT_SYMLINK_NOFOLLOW);
}

static_assert(sizeof(struct stat) == sizeof(struct stat64));

CSIM_INTERPOSE int fstatat64(int directory, const char* path, struct stat64* result,
                             int flags) noexcept {
  return fstatat(directory, path, reinterpret_cast<struct stat*>(result), flags);
}

CSIM_INTERPOSE int stat64(const char* path, struct stat64* result) noexcept {
  return fstatat(AT_FDCWD, path, reinterpret_cast<struct stat*>(result), 0);
}

CSIM_INTERPOSE int lstat64(const char* path, struct stat64* result) noexcept {
  return fstatat(AT_FDCWD, path, reinterpret_cast<struct stat*>(result), AT_SYMLINK_NOFOLLOW);
}

// ---- Contents ----

namespace {

ssize_t ReadAt(int fd, void* buffer, size_t size, off_t offset) {
  auto read = [=] { return RawSyscall(SYS_pread64, fd, buffer, size, offset); };
  if (!g_runtime.Active()) return Answer(read());
  if (FileOf(fd) != nullptr) return Answer(-ESPIPE);
  const long result = ReadContent(fd, &CallOf<decltype(read)>, &read);
  if (result > 0) NoteWrites(buffer, static_cast<size_t>(result));
  return Answer(result);
}

ssize_t WriteAt(int fd, const void* data, size_t size, off_t offset) {
  auto write = [=] { return RawSyscall(SYS_pwrite64, fd, data, size, offset); };
  if (!g_runtime.Active()) return Answer(write());
  if (FileOf(fd) != nullptr) return Answer(-ESPIPE);
  NoteReads(data, size);
  return Answer(WriteContent(fd, &CallOf<decltype(write)>, &write));
}

}  // namespace

CSIM_INTERPOSE ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  return ReadAt(fd, buffer, size, offset);
}
CSIM_INTERPOSE ssize_t pread64(int fd, void* buffer, size_t size, off64_t offset) {
  return ReadAt(fd, buffer, size, offset);
}
CSIM_INTERPOSE ssize_t __pread_chk(int fd, void* buffer, size_t size, off_t offset, size_t) {
  return ReadAt(fd, buffer, size, offset);
}
CSIM_INTERPOSE ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return WriteAt(fd, data, size, offset);
}
CSIM_INTERPOSE ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  return WriteAt(fd, data, size, offset);
}

CSIM_INTERPOSE int ftruncate(int fd, off_t size) noexcept {
  auto truncate = [=] { return RawSyscall(SYS_ftruncate, fd, size); };
  if (!g_runtime.Active()) return Answer<int>(truncate());
  return Answer<int>(WriteContent(fd, &CallOf<decltype(truncate)>, &truncate));
}
CSIM_INTERPOSE int ftruncate64(int fd, off64_t size) noexcept { return ftruncate(fd, size); }
