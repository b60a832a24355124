#include "sim/runtime/files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cerrno>

#include "sim/runtime/names.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

using Path = char[2 * PATH_MAX];

// Takes "." and ".." and doubled slashes out of an absolute path.
void Simplify(char* path) {
  char* to = path;
  const char* from = path;
  while (*from != 0) {
    while (*from == '/') ++from;
    const char* const end = strchrnul(from, '/');
    const auto size = static_cast<size_t>(end - from);
    if (size == 2 && memcmp(from, "..", 2) == 0) {
      while (to > path && *--to != '/') {
      }
    } else if (size > 0 && !(size == 1 && *from == '.')) {
      *to++ = '/';
      memmove(to, from, size);
      to += size;
    }
    from = end;
  }
  if (to == path) *to++ = '/';
  *to = 0;
}

// What the path means now, whatever the directory is later. False if that cannot be said.
bool MakeAbsolute(int directory, const char* path, Path& result) {
  if (path == nullptr || *path == 0 || strlen(path) >= PATH_MAX) return false;
  size_t used = 0;
  if (*path != '/') {
    char link[64] = "/proc/self/cwd";
    if (directory != AT_FDCWD) snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    const long size = RawSyscall(SYS_readlinkat, AT_FDCWD, link, result, PATH_MAX - 1);
    if (size <= 0 || result[0] != '/') return false;
    used = static_cast<size_t>(size);
    result[used++] = '/';
  }
  memcpy(result + used, path, strlen(path) + 1);
  Simplify(result);
  return true;
}

bool IsThere(const char* path, struct stat* status) {
  return RawSyscall(SYS_newfstatat, AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW) == 0;
}

// Some files are no files.
bool IsOrdinary(const char* path) {
  return strncmp(path, "/proc/", 6) != 0 && strncmp(path, "/dev/", 5) != 0 &&
         strncmp(path, "/sys/", 5) != 0;
}

void NoteMade(const char* path) {
  if (!IsOrdinary(path) && strncmp(path, "/dev/shm/", 9) != 0) return;
  if (!g_runtime.mapping->made_files.Note(path)) {
    NoteLimit("more files made than csim can take away after each execution");
  }
}

// A file that was there before is about to be changed: later executions find it so.
void NoteChanged(const char* what, const char* path) {
  if (!IsOrdinary(path) || g_runtime.mapping->made_files.Contains(path)) return;
  char text[512];
  snprintf(text, sizeof text, "%s %.400s, which executions find as the one before has left it",
           what, path);
  NoteLimit(text);
}

// Nobody can have interfered, and nobody will with what is done now.
bool IsAlone() { return g_runtime.machine().task_count() == 1; }

NameHash NameOf(const char* path) { return HashName("file", path); }
NameHash ContentOf(const char* path) { return HashName("content", path); }

// What opening the file with these flags means for later executions; `done`: it has succeeded.
struct Opening {
  const char* path;
  int flags;
  bool there = false;
  bool regular = false;

  void Look() {
    struct stat status{};
    there = IsThere(path, &status);
    regular = there && S_ISREG(status.st_mode);
  }
  void Note() const {
    if (!there && (flags & O_CREAT) != 0) NoteMade(path);
    if (regular && (flags & O_ACCMODE) != O_RDONLY) NoteChanged("writes to", path);
  }
};

long Work(NameHash name, NameHash second, bool changes, NameWork work, void* context) {
  if (IsAlone()) return work(context);
  return changes ? ChangeName(name, second, work, context) : LookAtName(name, work, context);
}

}  // namespace

long OpenFileAt(int directory, const char* path, int flags, mode_t mode) {
  const auto open = [&] { return RawSyscall(SYS_openat, directory, path, flags, mode); };
  Path absolute;
  const bool made_nameless = (flags & O_TMPFILE) == O_TMPFILE;
  if (made_nameless || !MakeAbsolute(directory, path, absolute) || !IsOrdinary(absolute)) {
    return open();
  }
  Opening opening{absolute, flags};
  auto work = [&]() -> long {
    opening.Look();
    const long fd = open();
    if (fd >= 0) opening.Note();
    return fd;
  };
  const bool truncates = (flags & O_TRUNC) != 0;
  return Work(NameOf(absolute), truncates ? ContentOf(absolute) : kNoName,
              (flags & (O_CREAT | O_TRUNC)) != 0, &CallOf<decltype(work)>, &work);
}

void NoteOpening(int directory, const char* path, int flags) {
  Path absolute;
  if (!MakeAbsolute(directory, path, absolute) || !IsOrdinary(absolute)) return;
  auto work = [&]() -> long {
    Opening opening{absolute, flags};
    opening.Look();
    opening.Note();
    return 0;
  };
  const bool truncates = (flags & O_TRUNC) != 0;
  Work(NameOf(absolute), truncates ? ContentOf(absolute) : kNoName,
       (flags & (O_CREAT | O_TRUNC)) != 0, &CallOf<decltype(work)>, &work);
}

long MakeFileAt(int directory, const char* path, long (*call)(void*), void* context) {
  Path absolute;
  if (!MakeAbsolute(directory, path, absolute)) return call(context);
  auto work = [&]() -> long {
    const long result = call(context);
    if (result >= 0) NoteMade(absolute);
    return result;
  };
  return Work(NameOf(absolute), kNoName, true, &CallOf<decltype(work)>, &work);
}

long RemoveFileAt(int directory, const char* path, long (*call)(void*), void* context) {
  Path absolute;
  if (!MakeAbsolute(directory, path, absolute)) return call(context);
  auto work = [&]() -> long {
    const long result = call(context);
    if (result >= 0) NoteChanged("removes", absolute);
    return result;
  };
  return Work(NameOf(absolute), kNoName, true, &CallOf<decltype(work)>, &work);
}

long RenameFile(int from_directory, const char* from, int to_directory, const char* to,
                unsigned flags) {
  Path source;
  Path target;
  const auto rename = [&] {
    return RawSyscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
  };
  if (!MakeAbsolute(from_directory, from, source) || !MakeAbsolute(to_directory, to, target)) {
    return rename();
  }
  auto work = [&]() -> long {
    struct stat status{};
    const bool there = IsThere(target, &status);
    const long result = rename();
    if (result < 0) return result;
    NoteChanged("moves away", source);
    if (there) NoteChanged("replaces", target);
    if (!there) NoteMade(target);
    return result;
  };
  return Work(NameOf(source), NameOf(target), true, &CallOf<decltype(work)>, &work);
}

long LookAtFile(int directory, const char* path, long (*call)(void*), void* context) {
  Path absolute;
  if (IsAlone() || !MakeAbsolute(directory, path, absolute) || !IsOrdinary(absolute)) {
    return call(context);
  }
  return LookAtName(NameOf(absolute), call, context);
}

namespace {

// The name of the file's content; kNoName if it is no regular file, or nobody else is there.
NameHash ContentBehind(int fd) {
  if (IsAlone()) return kNoName;
  struct stat status{};
  if (RawSyscall(SYS_fstat, fd, &status) != 0 || !S_ISREG(status.st_mode)) return kNoName;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  char path[PATH_MAX];
  const long size = RawSyscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (size <= 0) return kNoName;
  path[size] = 0;
  return IsOrdinary(path) ? ContentOf(path) : kNoName;
}

}  // namespace

long ReadContent(int fd, long (*call)(void*), void* context) {
  const NameHash content = ContentBehind(fd);
  return content == kNoName ? call(context) : LookAtName(content, call, context);
}

long WriteContent(int fd, long (*call)(void*), void* context) {
  const NameHash content = ContentBehind(fd);
  return content == kNoName ? call(context) : ChangeName(content, kNoName, call, context);
}

}  // namespace csim
