// POSIX shared memory objects and named semaphores; memfd_create.
#include "sim/runtime/memory_objects.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/interpose/answer.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/names.h"
#include "sim/runtime/processes.h"
#include "sim/runtime/raw_syscall.h"

using namespace csim;

namespace {

using Name = char[MemoryObject::kLongestName + 1];

// The name without slashes at its begin, behind a prefix that keeps semaphores and memory apart. 0 or a
// negative errno.
long MakeName(const char* prefix, const char* given, Name& name) {
  while (*given == '/') ++given;
  if (*given == 0 || strchr(given, '/') != nullptr) return -EINVAL;
  if (strlen(given) + strlen(prefix) > NAME_MAX) return -ENAMETOOLONG;
  snprintf(name, sizeof name, "%s%s", prefix, given);
  return 0;
}

MemoryObjects& Objects() { return g_runtime.shared->memory_objects; }

// A descriptor for the object of this name. *made: it was not there before.
long OpenNamed(const Name& name, int flags, mode_t mode, bool* made) {
  *made = false;
  const auto open = [&]() -> long {
    long index = Objects().Find(name);
    if (index >= 0 && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) return -EEXIST;
    if (index < 0) {
      if ((flags & O_CREAT) == 0) return index;
      index = Objects().Make(name, mode);
      if (index < 0) return index;
      *made = true;
    }
    return Objects().Open(static_cast<uint32_t>(index),
                          (flags & (O_ACCMODE | O_TRUNC)) | O_CLOEXEC);
  };
  const NameHash hash = HashName("memory", name);
  return (flags & O_CREAT) != 0 ? ChangeName(hash, open) : LookAtName(hash, open);
}

long Unlink(const Name& name) {
  return ChangeName(HashName("memory", name), [&]() -> long {
    const long index = Objects().Find(name);
    if (index < 0) return index;
    Objects().Unlink(static_cast<uint32_t>(index));
    return 0;
  });
}

// ---- Named semaphores: each is a memory object that a process has mapped once ----

struct OpenSemaphore {
  sem_t* address;
  uint64_t identity;
  uint32_t uses;
};
constexpr int kMostSemaphores = 256;
OpenSemaphore g_semaphores[kMostSemaphores];  // of this process; fork copies it with the mappings

OpenSemaphore* FindSemaphore(const sem_t* address) {
  for (OpenSemaphore& s : g_semaphores) {
    if (s.uses != 0 && s.address == address) return &s;
  }
  return nullptr;
}

// The entry of the semaphore with this identity, or a free one; null if all are taken.
OpenSemaphore* EntryFor(uint64_t identity) {
  OpenSemaphore* free = nullptr;
  for (OpenSemaphore& s : g_semaphores) {
    if (s.uses != 0 && s.identity == identity) return &s;
    if (s.uses == 0 && free == nullptr) free = &s;
  }
  return free;
}

constexpr size_t kPage = 4096;

// Its memory, as whoever has just made the object leaves it.
long Initialize(int fd, unsigned value) {
  sem_t fresh{};
  InternalScope internal;
  if (CSIM_REAL(sem_init)(&fresh, 1, value) != 0) return -errno;
  if (const long error = RawSyscall(SYS_ftruncate, fd, kPage); error < 0) return error;
  return RawSyscall(SYS_pwrite64, fd, &fresh, sizeof fresh, 0);
}

long OpenSemaphoreNamed(const Name& name, int flags, mode_t mode, unsigned value,
                        OpenSemaphore** result) {
  const auto open = [&]() -> long {
    long index = Objects().Find(name);
    if (index >= 0 && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) return -EEXIST;
    const bool make = index < 0;
    if (make) {
      if ((flags & O_CREAT) == 0) return index;
      if (value > SEM_VALUE_MAX) return -EINVAL;
      index = Objects().Make(name, mode);
      if (index < 0) return index;
    }
    OpenSemaphore* entry = EntryFor(Objects().object(static_cast<uint32_t>(index)).identity);
    if (entry == nullptr) return -EMFILE;
    *result = entry;
    if (entry->uses != 0) {
      ++entry->uses;
      return 0;
    }
    const long fd = Objects().Open(static_cast<uint32_t>(index), O_RDWR | O_CLOEXEC);
    if (fd < 0) return fd;
    long address = make ? Initialize(static_cast<int>(fd), value) : 0;
    if (address >= 0) {
      address = g_runtime.shared_memory.Map(0, kPage, PROT_READ | PROT_WRITE, MAP_SHARED,
                                            static_cast<int>(fd), 0);
    }
    RawSyscall(SYS_close, fd);
    if (address < 0) return address;
    *entry = {reinterpret_cast<sem_t*>(address),
              Objects().object(static_cast<uint32_t>(index)).identity, 1};
    return 0;
  };
  const NameHash hash = HashName("memory", name);
  return (flags & O_CREAT) != 0 ? ChangeName(hash, open) : LookAtName(hash, open);
}

}  // namespace

namespace csim {
void ForgetOpenSemaphores() {
  for (OpenSemaphore& s : g_semaphores) {
    if (s.uses != 0) s.uses = 0;
  }
}
}  // namespace csim

CSIM_INTERPOSE int shm_open(const char* given, int flags, mode_t mode) {
  if (!g_runtime.Active()) return CSIM_REAL(shm_open)(given, flags, mode);
  Name name;
  if (const long error = MakeName("", given, name); error < 0) return Answer<int>(error);
  bool made = false;
  return Answer<int>(OpenNamed(name, flags, mode, &made));
}

CSIM_INTERPOSE int shm_unlink(const char* given) {
  if (!g_runtime.Active()) return CSIM_REAL(shm_unlink)(given);
  Name name;
  const long error = MakeName("", given, name);
  return Answer<int>(error < 0 ? -ENOENT : Unlink(name));
}

CSIM_INTERPOSE int memfd_create(const char* name, unsigned flags) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(memfd_create)(name, flags);
  const long fd = RawSyscall(SYS_memfd_create, name, flags);
  if (fd >= 0) {
    NoteRealDescriptors();
    Objects().NoteFile(static_cast<int>(fd));
  }
  return Answer<int>(fd);
}

CSIM_INTERPOSE sem_t* sem_open(const char* given, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const bool creates = (flags & O_CREAT) != 0;
  const mode_t mode = creates ? va_arg(list, mode_t) : 0;
  const unsigned value = creates ? va_arg(list, unsigned) : 0;
  va_end(list);
  if (!g_runtime.Active()) return CSIM_REAL(sem_open)(given, flags, mode, value);
  Name name;
  OpenSemaphore* semaphore = nullptr;
  long error = MakeName("sem.", given, name);
  if (error == 0) error = OpenSemaphoreNamed(name, flags, mode, value, &semaphore);
  if (error == 0) return semaphore->address;
  errno = static_cast<int>(-error);
  return SEM_FAILED;
}

CSIM_INTERPOSE int sem_close(sem_t* address) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sem_close)(address);
  OpenSemaphore* semaphore = FindSemaphore(address);
  if (semaphore == nullptr) return Answer<int>(-EINVAL);
  if (--semaphore->uses == 0) {
    g_runtime.shared_memory.Unmap(reinterpret_cast<uintptr_t>(address), kPage);
  }
  return 0;
}

CSIM_INTERPOSE int sem_unlink(const char* given) noexcept {
  if (!g_runtime.Active()) return CSIM_REAL(sem_unlink)(given);
  Name name;
  const long error = MakeName("sem.", given, name);
  return Answer<int>(error < 0 ? -ENOENT : Unlink(name));
}
